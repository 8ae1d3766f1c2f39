namespace Hypermesh.Bpf.Tests.Tool;

/// <summary>The command compiled ahead of time. It is compiled here, beside other tests; <see cref="NativeTests"/> need it when nothing else runs.</summary>
public sealed class NativeCommandTests(NativeCommand published)
{
    [Fact]
    public void It_is_one_file_that_starts_without_a_runtime()
    {
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+", NativeCommand.Output(published.Command, "--version"));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(published.Command)!, "*.dll"));
    }
}
