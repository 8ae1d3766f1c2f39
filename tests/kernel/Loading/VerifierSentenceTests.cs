using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>The commonest sentences of the verifier, provoked from this kernel: each is the reason, at its line, and has a hint.</summary>
public sealed class VerifierSentenceTests : KernelTest
{
    private const string TooLarge = "loop_long";

    // The program, the kernel from which on it can be provoked so, what the verifier says (in the words of one kernel or another), and what the hint says.
    private static readonly (string Program, string Since, string Sentences, string Hint)[] s_mistakes =
    [
        ("null_pointer", "5.8", "_or_null'", "can be NULL"),
        ("null_arithmetic", "5.8", "pointer arithmetic on map_value_or_null", "Test a pointer"),
        ("number_as_pointer", "5.8", "invalid mem access 'scalar'|invalid mem access 'inv'", "bpf_probe_read_kernel"),
        ("on_pointers", "5.8", "bitwise operator", "Cast a copy"),
        ("nothing_written", "5.8", "!read_ok", "where it is declared"),
        ("stack_overrun", "5.8", "invalid read from stack|invalid indirect read from stack|invalid stack type|invalid indirect access to stack", ""),
        ("stack_outside", "5.8", "invalid write to stack|invalid stack off", "512 bytes"),
        ("stack_combined", "5.8", "combined stack size", "BPF_MAP_TYPE_PERCPU_ARRAY"),
        ("stack_variable", "5.8", "unbounded variable-offset|variable stack access|invalid variable-offset", ""),
        ("value_overrun", "5.8", "invalid access to map value", "past the end of the map's value"),
        ("value_unlimited", "5.8", "unbounded memory access", "no upper limit"),
        ("value_negative", "5.8", "pointer be out of bounds|min value is negative|unbounded min value", "barrier_var"),
        ("value_unknown", "5.8", "unbounded min value|unbounded memory access", "barrier_var"),
        ("record_overrun", "5.8", "invalid access to memory|is outside of the allowed memory range", "barrier_var"),
        ("length_zero", "5.8", "zero-sized read|R2 min value is", ""),
        ("length_unlimited", "5.8", "unbounded memory access", "no upper limit"),
        ("length_negative", "5.8", "min value is negative", "can be negative"),
        ("packet_unchecked", "5.8", "invalid access to packet", "data_end"),
        ("packet_written", "5.8", "cannot write into packet", "bpf_skb_store_bytes"),
        ("map_written", "5.8", "write into map forbidden", "BPF_F_RDONLY_PROG"),
        ("const_written", "5.8", "write into map forbidden", "set in the spec"),
        ("kernel_written", "5.8", "only read is supported", "is read-only"),
        ("struct_overrun", "5.8", "access beyond", "preserve_access_index"),
        ("argument_missing", "5.8", "doesn't have", "fewer arguments"),
        ("context_field", "5.8", "invalid bpf_context access", "struct __sk_buff"),
        ("context_moved", "5.8", "dereference of modified ctx", "ctx->field"),
        ("stack_misaligned", "5.8", "misaligned", "__builtin_memcpy"),
        ("loop_endless", "5.8", "infinite loop detected|unreachable insn", ""),
        ("loop_stuck", "5.8", "infinite loop detected", "bpf_loop"),
        (TooLarge, "5.8", "program is too large", "A loop runs too long"),
        ("loop_branches", "5.8", "jumps is too complex|program is too large", "A loop runs too long"),
        ("code_unreachable", "5.8", "unreachable insn", "clang's warnings"),
        ("call_pointer", "5.8", "unknown opcode 8d|BPF_CALL uses reserved", ""),
        ("map_of_wrong_type", "5.8", "cannot pass map_type", "does not work on maps of that type"),
        ("map_without_keys", "5.8", "invalid zero-sized read|cannot pass map_type", ""),
        ("may_not_sleep", "5.10", "might sleep|sleepable|unknown func", ""),
        ("passes_context", "5.8", "expected=|is not supported yet", ""),
        ("passes_number", "5.8", "expected=", ""),
        ("record_kept", "5.8", "Unreleased reference|reference leak", "bpf_ringbuf_discard"),
        ("lock_kept", "5.8", "bpf_spin_unlock is missing|bpf_spin_lock-ed region", "before each return"),
        ("lock_call", "5.8", "while holding a lock", "call after"),
        ("result_unknown", "5.8", "should have been in|unknown scalar value", ""),
        ("result_outside", "5.8", "should have been in", "within the range"),
        ("dynptr_unmade", "5.19", "initialized dynptr|dynptr", ""),
        ("iterator_unmade", "6.4", "initialized iter_num", "bpf_for_each"),
        ("kernel_function_elsewhere", "6.2", "calling kernel function|must point to scalar", ""),
        ("pointer_untrusted", "6.7", "must be referenced|must point to scalar", "only trusted pointers"),
        ("pointer_shifted", "5.8", "pointer arithmetic with", "addition and subtraction"),
        ("pointer_cut", "5.8", "32-bit pointer arithmetic", "cast to a 32-bit integer"),
        ("pointer_returned", "5.8", "is not a known value|leaks addr", ""),
        ("context_counted", "5.8", "stores into R1 ctx is not allowed", "Atomic operations"),
        ("context_indexed", "5.8", "variable ctx access", "ctx->field"),
        ("section_kept", "6.2", "bpf_rcu_read_unlock is missing|-ed region", "before each return"),
        ("lock_in_tracing", "5.8", "progs cannot use bpf_", "__sync_fetch_and_add"),
        ("stack_and_tail_call", "5.10", "tail_calls are not allowed", "256 bytes"),
        ("null_passed", "6.7", "Possibly NULL pointer passed", "can be NULL"),
    ];

    // The verifier goes through a million instructions: once for all tests that look at the refusal.
    private static readonly Lazy<(BpfVerifierException Refusal, long Allocated)> s_tooLarge = new(static () =>
    {
        Sentences.Spec spec = Only(TooLarge);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => spec.Load());
        return (refusal, GC.GetAllocatedBytesForCurrentThread() - allocated);
    });

    public static TheoryData<string> Programs => [.. s_mistakes.Select(static row => row.Program)];

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_sentence_is_the_reason_and_has_a_hint(string program)
    {
        (_, string since, string sentences, string hint) = s_mistakes.Single(row => row.Program == program);
        Assert.SkipUnless(Environment.OSVersion.Version >= Version.Parse(since), $"this kernel is older than {since}");

        BpfVerifierException refusal = program == TooLarge ? TooLargeRefusal(out _) : Assert.Throws<BpfVerifierException>(() => Only(program).Load());

        Assert.True(sentences.Split('|').Any(words => refusal.Reason.Contains(words, StringComparison.Ordinal)), refusal.Reason);
        string said = VerifierHint.For(refusal.Reason);
        Assert.NotEqual("", said);
        Assert.Contains(hint, said, StringComparison.Ordinal);
        Assert.EndsWith(said, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("exception", refusal.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("R10=fp0", refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packet_stale", "bpf_skb_store_bytes")]
    [InlineData("packet_moved", "bpf_xdp_adjust_head")]
    public void A_pointer_that_a_helper_made_invalid_names_the_helper(string program, string helper)
    {
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => Only(program).Load());

        Assert.Contains($" {helper}, which the program calls at line ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("compare with data_end again", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("bpf_probe_read_kernel", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_is_that_of_the_instruction_the_sentence_names()
    {
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => Only("loop_stuck").Load());

        Assert.Contains("\"while (x > 5)\"", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reason_that_concerns_the_whole_program_has_no_line()
    {
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => Only("stack_combined").Load());

        Assert.Null(refusal.SourceLine);
        Assert.Null(refusal.InstructionIndex);
    }

    [Fact]
    public void A_program_that_is_too_complex_costs_little_more_than_the_verifier_takes()
    {
        BpfVerifierException refusal = TooLargeRefusal(out long allocated);

        // The whole log has 50 MB and more.
        Assert.InRange(refusal.Log.Length, 1000, 5 << 20);
        Assert.Contains("BPF program is too large", refusal.Log, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 64 << 20);
        Assert.InRange(refusal.ToString().Split('\n').Length, 5, 80);
        Assert.Contains("BPF program is too large", refusal.ToString()[^2000..], StringComparison.Ordinal);
    }

    private static Sentences.Spec Only(string program)
    {
        Sentences.Spec spec = Sentences.Open();
        spec.Object.Program(program).Enabled = true;
        return spec;
    }

    private static BpfVerifierException TooLargeRefusal(out long allocated)
    {
        Assert.SkipWhen(Emulation.IsEmulated, "takes minutes where a processor is emulated, and the machine's own kernel has shown it");
        allocated = s_tooLarge.Value.Allocated;
        return s_tooLarge.Value.Refusal;
    }
}
