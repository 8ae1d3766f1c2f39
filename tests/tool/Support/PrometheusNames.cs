using System.Reflection;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>The names of metrics in Prometheus, from the accepted list of tests/unit.</summary>
internal static class PrometheusNames
{
    private static readonly Dictionary<string, string> s_names = File.ReadAllLines(Path.Combine(
            typeof(PrometheusNames).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "SourceDirectory").Value!, "../unit/Golden/Metrics.txt"))
        .Select(static line => line.Split(' ')).ToDictionary(static words => words[0], static words => words[3]);

    internal static string Of(string name) => s_names[name];
}
