namespace Hypermesh.Bpf.Tests.Unit.Verifier;

/// <summary>The report of 7.3, from texts in the form its source writes: no such kernel has been seen live.</summary>
public sealed class VerifierReportTests
{
    private const string WithoutLines = """
        0: R1=ctx() R10=fp0
        0: (95) exit
        R0 !read_ok

        Verification failed: Register Type Safety: Unreadable register

        Reason:
          R0 has never been initialized on this path, so the verifier cannot use it as an input.

        At:
          insn 0
                | ^-- error: R0 is not readable
          Instruction context:
          >>> 0 | (95) exit

        Causal path:
          no retained diagnostic events on this path

        Suggestion:
          Initialize R0 on every path before this instruction.

        processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0

        """;

    private const string WithLines = """
        11: (79) r3 = *(u64 *)(r0 +0)
        R0 invalid mem access 'map_value_or_null'

        Verification failed: Register Type Safety: Invalid dereference

        Reason:
          R0 may be NULL here (map_value_or_null). The program could dereference NULL on this path, so the
          verifier cannot prove this access is safe.

        At:
          count @ /src/odd name: 2.bpf.c:26:9
              24 |                                                             10 | (85) call bpf_map_lookup_elem#1
          >>> 26 |         return *value;                                  >>> 11 | (79) r3 = *(u64 *)(r0 +0)
                 |         ^-- error: invalid dereference of R0 (map_value_or_null)

        Causal path:
          count @ /src/odd name: 2.bpf.c:20:3
          >>> 20 |   if (x)                                                >>>  4 | (55) if r1 != 0x0 goto pc+2
                 |   ^-- branch: took the true branch of this conditional, goto followed

        Suggestion:
          Add a NULL check before the access and dereference the pointer only on the non-NULL path.

        processed 12 insns (limit 1000000)
        """;

    [Fact]
    public void Each_part_is_found()
    {
        VerifierLog log = VerifierLog.Parse(WithoutLines);
        Assert.Equal("R0 !read_ok", log.Reason);
        Assert.Equal(0, log.InstructionIndex);
        Assert.Null(log.SourceFile);
        BpfVerifierReport report = Assert.IsType<BpfVerifierReport>(log.Report);
        Assert.Equal("Register Type Safety: Unreadable register", report.Problem);
        Assert.Equal("R0 has never been initialized on this path, so the verifier cannot use it as an input.", report.Explanation);
        Assert.Equal("  no retained diagnostic events on this path", report.CausalPath);
        Assert.Equal("Initialize R0 on every path before this instruction.", report.Suggestion);
    }

    [Fact]
    public void The_line_is_that_of_the_error_and_wrapped_sentences_are_joined()
    {
        VerifierLog log = VerifierLog.Parse(WithLines);
        Assert.Equal("R0 invalid mem access 'map_value_or_null'", log.Reason);
        Assert.Equal(11, log.InstructionIndex);
        Assert.Equal("/src/odd name: 2.bpf.c", log.SourceFile);
        Assert.Equal(26, log.SourceLine);
        Assert.Contains("so the verifier cannot prove", log.Report!.Explanation, StringComparison.Ordinal);
        Assert.Contains("took the true branch", log.Report.CausalPath, StringComparison.Ordinal);
        Assert.Equal(WithLines, log.Text);
    }

    [Fact]
    public void A_report_alone_gives_its_headline_as_the_reason()
        => Assert.Equal("Memory Safety", VerifierLog.Parse("Verification failed: Memory Safety\n\nReason:\n  so\n").Reason);

    [Theory]
    [InlineData("Verification failed: ")]
    [InlineData("Verification failed: x\n\nAt:\n  insn 99999999999999999999\n\nReason:")]
    [InlineData("; a comment that says Verification failed: x\n0: (95) exit\nR0 !read_ok\n")]
    public void Malformed_text_is_not_an_error(string text) => Assert.Null(VerifierLog.Parse(text).SourceFile);
}
