namespace Hypermesh.Bpf.Tests.Kernel.Programs;

/// <summary>Programs that are run by a system call.</summary>
public sealed class SyscallProgramTests : KernelTest
{
    [Fact]
    public void A_syscall_program_changes_its_context()
    {
        Needs(BpfFeature.SyscallProgram);
        BpfSyscallProgram program = Load.Syscall([Code.Move(2, 11), Code.Store(1, 8, 2), Code.Load(0, 1, 0), Code.Exit()]);
        Own(new Unload(program));
        (ulong In, ulong Out) context = (7, 0);
        Assert.Equal(7, program.Run(ref context));
        Assert.Equal(11ul, context.Out);
    }
}
