namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>Functions of an object: global ones that get the context, static ones in a program's own section, and the lines of all of them.</summary>
public sealed class FunctionTests : KernelTest
{
    [Fact]
    [Row("externs", "global-func argument tags (__arg_ctx rewritten on old kernels)")]
    [Row("externs", "subprograms in .text, static and global")]
    [Row("externs", "func_info / line_info from .BTF.ext, fixed up when subprograms are appended")]
    public void A_tagged_parameter_is_the_context_of_each_program_type()
    {
        Contexts live = Own(Contexts.Open().Load());

        using (live.Programs.OnSwitch.Attach())
        {
            Assert.True(SpinWait.SpinUntil(() => { Thread.Sleep(1); return live.Globals.Runs > 2; }, TimeSpan.FromSeconds(60)), "the program did not run");
        }

        Assert.True(live.Globals.Own >= 2 * 2, $"{live.Globals.Own}");
        Assert.True((long)live.Globals.Stack > 0, $"bpf_get_stack answered {(long)live.Globals.Stack}");
        Assert.True(live.Programs.OnEvent.IsLoaded);
    }
}
