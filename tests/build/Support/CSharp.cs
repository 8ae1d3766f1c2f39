namespace Hypermesh.Bpf.Tests.Build.Support;

/// <summary>C# that the tests' projects are made of.</summary>
internal static class CSharp
{
    /// <summary>Prints the names of what is embedded.</summary>
    public const string ListsResources =
        """
        foreach (string name in typeof(Program).Assembly.GetManifestResourceNames())
        {
            System.Console.WriteLine(name);
        }

        """;
}
