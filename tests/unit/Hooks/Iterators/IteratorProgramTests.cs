using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.Iterators;

/// <summary>Reading what an iterator writes.</summary>
public sealed class IteratorProgramTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void An_iterator_is_read_on_after_a_pause()
    {
        _kernel.Answer("read", 10, -Errno.EAGAIN, 5, -Errno.EINTR, 0);
        var program = new BpfIteratorProgram(_kernel.NewProgram(BpfProgramType.Tracing) with { Target = "task" });
        var output = new MemoryStream();
        Assert.Equal(15, program.Run(output));
        Assert.Equal(15, output.Length);
        Assert.Single(_kernel.OpenDescriptors);
        _kernel.Answer("read", -Errno.ENOMEM);
        Assert.Equal("read", Assert.Throws<BpfSyscallException>(() => program.Run()).Operation);
        Assert.Single(_kernel.OpenDescriptors);
        program.Unload();
    }

    [Fact]
    public void Nested_runs_of_an_iterator_are_independent()
    {
        var program = new BpfIteratorProgram(_kernel.NewProgram(BpfProgramType.Tracing) with { Target = "task" });
        int runs = 0;
        _kernel.OnBpf = (command, _) =>
        {
            if (command == BpfCommand.IteratorCreate)
            {
                Assert.Empty(program.Links);
                if (++runs == 1)
                {
                    program.Run();
                }
            }

            return null;
        };
        Assert.Equal(0, program.Run());
        Assert.Equal(2, runs);
        Assert.Single(_kernel.OpenDescriptors);
        program.Unload();
    }
}
