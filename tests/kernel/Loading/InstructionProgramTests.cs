using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>Programs loaded from instructions.</summary>
public sealed class InstructionProgramTests : KernelTest
{
    [Fact]
    public void Instructions_are_checked_before_the_kernel_is_asked()
    {
        Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load([], BpfProgramType.SocketFilter));
        Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load(new byte[12], BpfProgramType.SocketFilter));
        Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load(new byte[8 * 1_000_001], BpfProgramType.SocketFilter));
        using var program = BpfInstructionProgram.Load(new[] { Code.Move(0, 0), Code.Exit() }.Bytes(), BpfProgramType.SocketFilter, "smallest");
        Assert.NotEqual(0u, program.Id);
        Assert.Equal(BpfProgramType.SocketFilter, program.GetInfo().Type);
    }

    [Fact]
    public void Instructions_alone_become_a_program_that_runs()
    {
        BpfInstruction[] drop = [Code.Move(0, 1), Code.Exit()];
        using var program = BpfInstructionProgram.Load(drop, BpfProgramType.Xdp, "drop_all");
        Assert.Equal(1u, program.TestRun(new byte[64]).ReturnValue);
    }

    [Fact]
    public void The_reason_of_the_verifier_is_reported()
    {
        var error = Assert.Throws<BpfVerifierException>(
            () => BpfInstructionProgram.Load(new[] { Code.Move(0, 0), Code.Load(0, 3, 0), Code.Exit() }.Bytes(), BpfProgramType.SocketFilter, "bad"));
        Assert.Equal(1, error.InstructionIndex);
        Assert.Contains("R3", error.Reason, StringComparison.Ordinal);
        Assert.Contains(error.Reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("processed", error.Log, StringComparison.Ordinal);
    }
}
