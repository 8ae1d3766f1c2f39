namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>What came of loading one program alone.</summary>
/// <param name="Program">The program.</param>
/// <param name="Section">Its section, without a leading <c>?</c>.</param>
/// <param name="Refusal">Why it was not loaded, null when it was.</param>
internal sealed record ProgramVerdict(string Program, string Section, BpfException? Refusal)
{
    internal const string Accepted = "OK";

    // What libbpf answers for an object it will not hand to the kernel as it stands.
    private const int NotHandedOver = Interop.Errno.EINVAL;

    /// <summary>The verifier's log; empty for a program that was loaded, or that did not reach the verifier.</summary>
    internal string Log => (Refusal as BpfVerifierException)?.Log ?? "";

    /// <summary>One word: OK, or the name of the error.</summary>
    internal string Verdict => Refusal switch
    {
        null => Accepted,
        BpfSyscallException refused => Interop.Errno.Name(refused.Errno),
        _ => Interop.Errno.Name(NotHandedOver),
    };
}
