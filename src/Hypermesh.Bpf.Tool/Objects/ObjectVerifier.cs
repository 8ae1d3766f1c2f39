using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Loads each program of an object alone, the others switched off, and says what the kernel thinks of it. All of the object's maps are made each time.</summary>
internal static class ObjectVerifier
{
    internal static IEnumerable<ProgramVerdict> Verify(BpfObjectSpec spec)
    {
        UnstatedSizes.Fill(spec);
        foreach (ProgramSpec program in spec.Programs)
        {
            program.Enabled = false;
        }

        foreach (ProgramSpec program in spec.Programs)
        {
            program.Enabled = true;
            BpfException? refusal = Load(spec);
            program.Enabled = false;
            yield return new ProgramVerdict(program.Name, program.SectionName, refusal);
        }
    }

    /// <summary>Loads the object as it stands and gives it back; the answer is why that did not work, null when it did.</summary>
    private static BpfException? Load(BpfObjectSpec spec)
    {
        try
        {
            BpfObject.Load(spec).Dispose();
            return null;
        }
        catch (BpfException reason)
        {
            return reason;
        }
    }
}

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
