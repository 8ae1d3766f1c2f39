using System.Reflection;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Tests.Unit.Hostile;

/// <summary>What a sample or a template prints of the names of processes and files passes the function that takes their control characters out: these programs run as root, and are copied.</summary>
public sealed partial class SampleOutputTests
{
    private static readonly string s_repository = Path.GetFullPath(Path.Combine(
        typeof(SampleOutputTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "SourceDirectory").Value!, "../.."));

    [Fact]
    public void Names_that_others_have_given_are_not_printed_as_they_are()
    {
        var printed = (from folder in (string[])["samples", "msbuild/Hypermesh.BpfSdk.Templates/templates"]
                       from file in Directory.EnumerateFiles(Path.Combine(s_repository, folder), "*.cs", SearchOption.AllDirectories)
                       where !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
                       from Match call in Call().Matches(File.ReadAllText(file))
                       where Name().IsMatch(call.Value)
                       select (File: Path.GetRelativePath(s_repository, file), call.Value)).ToArray();

        Assert.True(printed.Length >= 4, $"{printed.Length} places print a name");
        Assert.DoesNotContain(printed, static one => !one.Value.Contains("Shown(", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"Console\.(Out\.|Error\.)?Write\w*\(.*?\);\r?\n", RegexOptions.Singleline)]
    private static partial Regex Call();

    [GeneratedRegex(@"\.(Comm|Command|File|Path|Arguments)\b|\bText\(")]
    private static partial Regex Name();
}
