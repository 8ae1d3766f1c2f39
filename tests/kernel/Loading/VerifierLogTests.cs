using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>The verifier's log, as this kernel writes it.</summary>
public sealed class VerifierLogTests : KernelTest
{
    [Fact]
    [Row("lifecycle", "verifier log: none first, then level 1 on failure, doubled on ENOSPC")]
    public void A_log_of_more_than_a_megabyte_is_whole()
    {
        // Every addition is a line with the state behind it; the last instruction reads what nothing has written.
        BpfInstruction[] code = [Code.Move(0, 0), .. Enumerable.Repeat(Code.Add(0, 1), 60_000), Code.Copy(0, 7), Code.Exit()];

        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => BpfInstructionProgram.Load(code.Bytes(), BpfProgramType.SocketFilter, "long"));

        Assert.True(refusal.Log.Length > 1 << 20, $"the log has {refusal.Log.Length} characters");
        Assert.Equal("R7 !read_ok", refusal.Reason);
        Assert.Equal(60_001, refusal.InstructionIndex);
        Assert.Matches("(^|\n)0: ", refusal.Log[..4096]);
        Assert.Contains("processed ", refusal.Log, StringComparison.Ordinal);
    }

    [Fact]
    [Row("lifecycle", "verifier log per program level/size/buffer; also on success")]
    public void A_program_that_is_accepted_has_a_log_when_one_is_asked_for()
    {
        ProgramLoader.Outcome quiet = Load(BpfVerifierLogLevel.None);
        ProgramLoader.Outcome statistics = Load(BpfVerifierLogLevel.Statistics);
        ProgramLoader.Outcome instructions = Load(BpfVerifierLogLevel.States);

        Assert.Equal("", quiet.Log);
        Assert.Contains("processed 2 insns", statistics.Log, StringComparison.Ordinal);
        Assert.Contains("(95) exit", instructions.Log, StringComparison.Ordinal);
    }

    private ProgramLoader.Outcome Load(BpfVerifierLogLevel level)
    {
        ProgramLoader.Outcome outcome = ProgramLoader.Load(Kernel, new ProgramCode("p", BpfProgramType.SocketFilter, [Code.Move(0, 0), Code.Exit()]) { LogLevel = level });
        Assert.True(outcome.Result >= 0);
        Own(new BpfHandle(Kernel, outcome.Result));
        return outcome;
    }
}
