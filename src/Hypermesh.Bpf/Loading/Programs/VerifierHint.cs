namespace Hypermesh.Bpf.Loading;

/// <summary>What to do about the refusals everyone meets first, in the words of the C.</summary>
internal static class VerifierHint
{
    // The first row whose words are in the verifier's sentence.
    private static readonly (string Words, string Hint)[] s_rows =
    [
        ("_or_null'", "This pointer can be NULL: test it, as in if (!pointer) return 0;, before it is used."),
        ("invalid mem access 'scalar'", "What is used here as a pointer is a plain number to the verifier: a NULL that no check kept away, or an address to be read with bpf_probe_read_kernel."),
        ("GPL-restricted", "This helper is for programs under the GPL: char LICENSE[] SEC(\"license\") = \"GPL\"; (or \"Dual BSD/GPL\")."),
        ("BPF_STX uses reserved fields", "This kernel has no atomics that give the old value back (5.12), and newer compilers make one of __sync_fetch_and_add even where nobody uses it: write __atomic_fetch_add(&x, n, __ATOMIC_RELAXED)."),
        ("expected PTR_TO_INSN", "Only what the compiler makes a jump table of can be jumped through: a switch, or a table of labels that is a local variable; a static one lies among the constants."),
        ("reference leak", "What was reserved or acquired must be given back on every way out; a record of a ring buffer by bpf_ringbuf_submit or bpf_ringbuf_discard."),
        ("failed to find the address for kernel symbol", "The kernel keeps no addresses of its variables: it needs CONFIG_KALLSYMS_ALL."),
    ];

    /// <summary>A sentence with a space before it; empty for a reason that has none.</summary>
    internal static string For(string reason)
    {
        if (HelperHint.For(reason) is { } helper)
        {
            return " " + helper;
        }

        foreach ((string words, string hint) in s_rows)
        {
            if (reason.Contains(words, StringComparison.Ordinal))
            {
                return " " + hint;
            }
        }

        return "";
    }
}
