using System.Reflection;

namespace Hypermesh.Bpf.Tests.Support;

/// <summary>Text that a person has accepted, in the folder Golden of the tests. <c>HYPERMESH_ACCEPT=1</c> accepts what they find.</summary>
internal static class GoldenFile
{
    private static readonly string s_directory = Path.Combine(
        typeof(GoldenFile).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "SourceDirectory").Value!,
        "Golden");

    public static void Check(string name, string actual)
    {
        string path = Path.Combine(s_directory, name + ".txt");
        if (Environment.GetEnvironmentVariable("HYPERMESH_ACCEPT") == "1")
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null or "", "HYPERMESH_ACCEPT is refused under CI: what it would accept has to be read by a person");
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{path} is missing; HYPERMESH_ACCEPT=1 writes it");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
