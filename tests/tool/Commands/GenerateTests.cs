using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>Objects are linked into a file of the test's own.</summary>
public sealed class GenerateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-gen").FullName;

    private string Output => Path.Combine(_folder, "linked.bpf.o");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Two_objects_become_one_that_opens()
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("gen", "object", Output, First, Second);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal([$"{Output}: {new FileInfo(Output).Length} bytes of 2 objects; still extern: LINUX_KERNEL_VERSION"], outcome.Lines);
        JsonElement told = Hmbpf.Run("inspect", Output, "--json").Json;
        Assert.Equal(["first", "second"], told.GetProperty("programs").EnumerateArray().Select(static program => program.GetProperty("name").GetString()));
        Assert.Equal("shared_map", Assert.Single(told.GetProperty("maps").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public void The_result_of_linking_is_printed_as_JSON()
    {
        JsonElement told = Hmbpf.Run("gen", "object", Output, First, "--json").Json;

        Assert.Equal((Output, new FileInfo(Output).Length), (told.GetProperty("object").GetString(), told.GetProperty("bytes").GetInt64()));
        Assert.Equal([First], told.GetProperty("linked").EnumerateArray().Select(static path => path.GetString()));
        Assert.Contains("add_in_second", told.GetProperty("externs").EnumerateArray().Select(static name => name.GetString()));
    }

    [Fact]
    public void With_force_an_object_may_be_linked_over_itself()
    {
        File.Copy(First, Output);

        Assert.Equal(0, Hmbpf.Run("gen", "object", "--force", Output, Output, Second).ExitCode);
        Assert.Equal(2, Hmbpf.Run("inspect", Output, "--json").Json.GetProperty("programs").GetArrayLength());
    }

    [Fact]
    public void Objects_that_do_not_go_together_are_named_with_the_symbol_and_nothing_is_written()
    {
        File.WriteAllText(Output, "kept");
        string clash = Hmbpf.TestData("link-clash-map.bpf.o");
        Hmbpf.Outcome outcome = Hmbpf.Run("gen", "object", "--force", Output, First, clash);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Equal($"hmbpf: 'shared_map' differs between {First} and {clash}: max_entries 4 and 5\n", outcome.Error);
        Assert.Equal("kept", File.ReadAllText(Output));
    }

    [Theory]
    [InlineData("/nonexistent/file.o", "/nonexistent/file.o does not exist.")]
    [InlineData("/proc/self/status", "/proc/self/status")]
    public void A_file_that_cannot_be_linked_is_named_and_nothing_is_written(string input, string says)
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("gen", "object", Output, First, input);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("hmbpf: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_named()
    {
        string output = Path.Combine(_folder, "no-such-folder", "linked.bpf.o");
        Hmbpf.Outcome outcome = Hmbpf.Run("gen", "object", output, First);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"hmbpf: {output} cannot be written: ", outcome.Error, StringComparison.Ordinal);
    }

    private static string First => Hmbpf.TestData("link-first.bpf.o");

    private static string Second => Hmbpf.TestData("link-second.bpf.o");
}
