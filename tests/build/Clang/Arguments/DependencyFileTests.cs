using Hypermesh.Bpf.Clang.Arguments;
using Hypermesh.BpfSdk.Tasks.Files;

namespace Hypermesh.Bpf.Tests.Build.Clang.Arguments;

/// <summary>The rule that clang writes for make is read back whole.</summary>
public sealed class DependencyFileTests
{
    [Fact]
    public void Names_with_make_s_own_signs_and_joined_lines_are_read()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "obj/my\\ app/a.o: a.bpf.c include/two\\ words.h \\\n  hash\\#1.h \\\r\n  price$$.h größe.h\n");

        Assert.Equal(["a.bpf.c", "include/two words.h", "hash#1.h", "price$.h", "größe.h"], DependencyFile.Read(path));
        File.Delete(path);
    }

    [Fact]
    public void Before_the_first_compilation_there_are_no_dependencies()
        => Assert.Empty(DependencyFile.Read("/nowhere/a.o.d"));
}
