namespace Hypermesh.Bpf.Tests.Unit.Verifier;

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

    [Fact]
    public void States_printed_after_the_sentence_are_not_the_reason()
    {
        VerifierLog log = VerifierLog.Parse("""
            ; while (x > 5) @ loop.bpf.c:5
            2: (a5) if r0 < 0x6 goto pc+2         ; R0=scalar(umin=6)
            3: (05) goto pc-2
            infinite loop detected at insn 2
            cur state: R0=scalar(umin=6) R1=0 R10=fp0
            old state: R0=scalar(umin=6) R1=0 R10=fp0
            processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0

            """);
        Assert.Equal("infinite loop detected at insn 2", log.Reason);
        Assert.Equal(2, log.InstructionIndex);
        Assert.Equal(5, log.SourceLine);
    }

    [Fact]
    public void A_reason_of_two_sentences_is_whole()
    {
        VerifierLog log = VerifierLog.Parse("""
            7: (79) r0 = *(u64 *)(r0 +8)
            invalid access to map value, value_size=8 off=8 size=8
            R0 min value is outside of the allowed memory range
            processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
            """);
        Assert.Equal("invalid access to map value, value_size=8 off=8 size=8; R0 min value is outside of the allowed memory range", log.Reason);
        Assert.Equal(7, log.InstructionIndex);
    }

    [Theory]
    [InlineData("func#0 @0\nunreachable insn 5\n", "unreachable insn 5", 5)]
    [InlineData("back-edge from insn 9 to 3\n", "back-edge from insn 9 to 3", 9)]
    [InlineData("0: (b7) r0 = 0\n1: (95) exit\ncombined stack size of 2 calls is 576. Too large\n", "combined stack size of 2 calls is 576. Too large", null)]
    [InlineData("3: (85) call bpf_probe_read#4\nlast_idx 3 first_idx 0\nregs=4 stack=0 before 2: (b7) r2 = 4\nR2 unbounded memory access\n", "R2 unbounded memory access", 3)]
    [InlineData("3: (85) call pc+7\ncaller:\n R6=ctx(id=0) R10=fp0\ncallee:\n frame1: R1=ctx R10=fp0\n12: (61) r0 = *(u32 *)(r6 +0)\nR6 !read_ok\n", "R6 !read_ok", 12)]
    [InlineData("Validating step() func#1...\n4: R1=scalar() R10=fp0\n4: (bf) r0 = r2\nR2 !read_ok\n", "R2 !read_ok", 4)]
    [InlineData("0: (b7) r0 = 0\n1: (95) exit\nFunc#1 ('step') is safe for any args that match its prototype\n", "", 1)]
    [InlineData("from 3 to 7: safe\n7: (95) exit\nAt program exit the register R0 has smin=9 smax=9 should have been in [0, 1]\n", "At program exit the register R0 has smin=9 smax=9 should have been in [0, 1]", 7)]
    public void Text_around_the_sentence_is_left_out(string text, string reason, int? instruction)
    {
        VerifierLog log = VerifierLog.Parse(text);

        Assert.Equal(reason, log.Reason);
        Assert.Equal(instruction, log.InstructionIndex);
    }

    [Fact]
    public void A_log_of_many_megabytes_is_read_at_its_end()
    {
        string text = string.Concat(Enumerable.Repeat("; s += i; @ loop.bpf.c:6\n2: (0f) r7 += r0                      ; R0=scalar() R7=scalar()\n", 400_000)) + "BPF program is too large. Processed 1000001 insn\n";
        long before = GC.GetAllocatedBytesForCurrentThread();

        VerifierLog log = VerifierLog.Parse(text);

        Assert.Equal("BPF program is too large. Processed 1000001 insn", log.Reason);
        Assert.Equal(6, log.SourceLine);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }
}
