using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>
/// Verifies each program of an object as if it were loaded without the others. The object is loaded once with every program
/// optional, and a program alone only where that load does not give its result.
/// </summary>
internal static class ObjectVerifier
{
    /// <summary>Verifies each program.</summary>
    /// <param name="spec">The object.</param>
    /// <param name="explain">True for the whole reason and log of a rejected program. The log takes the kernel ten times as long where a program is too complex.</param>
    internal static IEnumerable<ProgramVerdict> Verify(BpfObjectSpec spec, bool explain)
    {
        UnstatedSizes.Fill(spec);

        // With statistics alone (5.2) the log has little more than the verifier's sentence.
        var brief = new BpfLoadOptions { VerifierLog = BpfVerifierLogLevel.Statistics };
        Dictionary<string, BpfException>? rejected = LoadTogether(spec, brief);
        foreach (BpfProgramSpec program in spec.Programs)
        {
            program.Enabled = false;
            program.Optional = false;
        }

        foreach (BpfProgramSpec program in spec.Programs)
        {
            BpfException? reason = null;
            if (rejected is null || (rejected.TryGetValue(program.Name, out reason) && (explain || !IsOfTheProgram(reason))))
            {
                reason = LoadAlone(spec, program, explain ? new BpfLoadOptions() : brief);
            }

            yield return new ProgramVerdict(program.Name, program.SectionName, reason);
        }
    }

    // Programs of struct_ops maps are loaded with every other program, so the rejection of one of them fails every load.
    private static Dictionary<string, BpfException>? LoadTogether(BpfObjectSpec spec, BpfLoadOptions options)
    {
        HashSet<BpfProgramSpec?> ofStructOps = [.. spec.StructOps.SelectMany(static map => map.Members).Select(static member => member.Program)];
        foreach (BpfProgramSpec program in spec.Programs)
        {
            program.Enabled = true;
            program.Optional = !ofStructOps.Contains(program);
        }

        try
        {
            using BpfObject live = BpfObject.Load(spec, options);
            return new Dictionary<string, BpfException>(live.Refused, StringComparer.Ordinal);
        }
        catch (BpfException)
        {
            return null;
        }
    }

    // The verifier's own sentence is about the program. Any other error may be about what it shares with the others, such as an array of programs that accepts one type only.
    private static bool IsOfTheProgram(BpfException reason) => reason is BpfVerifierException refused && refused.Reason != Interop.Errno.Describe(refused.Errno);

    /// <summary>Loads the object with one program; returns the error, null when the load succeeds.</summary>
    private static BpfException? LoadAlone(BpfObjectSpec spec, BpfProgramSpec program, BpfLoadOptions options)
    {
        program.Enabled = true;
        try
        {
            BpfObject.Load(spec, options).Dispose();
            return null;
        }
        catch (BpfException reason)
        {
            return reason;
        }
        finally
        {
            program.Enabled = false;
        }
    }
}

/// <summary>The result of loading one program alone.</summary>
/// <param name="Program">The program.</param>
/// <param name="Section">Its section, without a leading <c>?</c>.</param>
/// <param name="Refusal">The error; null when it was loaded.</param>
internal sealed record ProgramVerdict(string Program, string Section, BpfException? Refusal)
{
    internal const string Accepted = "OK";

    // The error of libbpf for an object that it does not pass to the kernel.
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
