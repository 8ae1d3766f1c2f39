using Hypermesh.Bpf.Clang.Arguments;
using Hypermesh.BpfSdk.Tasks.Files;

namespace Hypermesh.Bpf.Tests.Build.Clang.Arguments;

/// <summary>Arguments survive the way from the project file to clang.</summary>
public sealed class ResponseFileTests
{
    [Fact]
    public void Options_are_parted_outside_quotes()
        => Assert.Equal(
            ["-Wextra", "-DNAME=two words", "-I", "a b", "", "-O1"],
            ResponseFile.Split("  -Wextra;-D'NAME=two words'\n -I \"a b\" '' -O1 "));

    [Fact]
    public void Blanks_quotes_and_backslashes_are_quoted()
        => Assert.Equal("\"-DA=\\\"b c\\\\\\\"\"\n", ResponseFile.Text(["-DA=\"b c\\\""]));
}
