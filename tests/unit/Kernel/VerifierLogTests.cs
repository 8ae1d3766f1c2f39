namespace Hypermesh.Bpf.Tests.Unit.Kernel;

public sealed class VerifierLogTests
{
    [Fact]
    public void Reason_instruction_and_line_are_found()
    {
        VerifierLog log = VerifierLog.Parse("""
            func#0 @0
            0: R1=ctx() R10=fp0
            ; int first(void *ctx) @ probe.bpf.c:10
            0: (b7) r0 = 0                        ; R0_w=0
            ; return *(int *)(ctx + 4096); @ probe.bpf.c:12
            1: (61) r0 = *(u32 *)(r3 +0)
            R3 !read_ok
            processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0

            """);
        Assert.Equal("R3 !read_ok", log.Reason);
        Assert.Equal(1, log.InstructionIndex);
        Assert.Equal("probe.bpf.c", log.SourceFile);
        Assert.Equal(12, log.SourceLine);
    }

    [Fact]
    public void An_old_log_has_no_files()
    {
        VerifierLog log = VerifierLog.Parse("; return x;\n5: (79) r1 = *(u64 *)(r2 +8)\nR2 invalid mem access 'inv'\nprocessed 6 insns\n");
        Assert.Equal("R2 invalid mem access 'inv'", log.Reason);
        Assert.Equal(5, log.InstructionIndex);
        Assert.Null(log.SourceFile);
    }

    [Theory]
    [InlineData("")]
    [InlineData("processed 0 insns (limit 1000000) max_states_per_insn 0\n")]
    public void A_log_without_reason_has_none(string text)
    {
        VerifierLog log = VerifierLog.Parse(text);
        Assert.Equal("", log.Reason);
        Assert.Null(log.InstructionIndex);
        Assert.Equal(text, log.Text);
    }
}
