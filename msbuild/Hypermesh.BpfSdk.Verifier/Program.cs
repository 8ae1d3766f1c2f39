using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Objects;

namespace Hypermesh.BpfSdk.Verifier;

/// <summary>
/// Arguments are objects; each of their programs becomes a line of six fields between tabs: object, program, answer, C file, line, reason. The answer is "accepted",
/// "refused" by the verifier, or "untried": this kernel, or its policy, does not allow such programs. Exit code 77 and a reason where nothing may be loaded at all.
/// </summary>
internal static class Program
{
    private const int CannotLoad = 77;

    private static int Main(string[] paths)
    {
        foreach (string path in paths)
        {
            try
            {
                BpfObjectSpec spec = ObjectFile.Read(path);
                if (WhyNot(spec) is { } reason)
                {
                    Console.Error.WriteLine(reason);
                    return CannotLoad;
                }

                foreach (ProgramVerdict verdict in ObjectVerifier.Verify(spec, explain: true))
                {
                    Console.WriteLine(Line(path, verdict));
                }
            }
            catch (BpfException unreadable)
            {
                Console.WriteLine(Fields(path, "", "refused", "", 0, unreadable.Message));
            }
        }

        return 0;
    }

    // Without the right to load anything, the result says nothing about the C.
    private static string? WhyNot(BpfObjectSpec spec)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "this is not Linux";
        }

        return BpfPreflight.Check(spec).Missing.FirstOrDefault(static missing => missing.Subject == BpfPreflight.Capabilities)?.Detail;
    }

    private static string Line(string path, ProgramVerdict verdict) => verdict.Refusal switch
    {
        null => Fields(path, verdict.Program, "accepted", "", 0, ""),
        BpfVerifierException refused => Fields(path, verdict.Program, "refused", refused.SourceFile ?? "", refused.SourceLine ?? 0, refused.Message),
        BpfSyscallException untried => Fields(path, verdict.Program, "untried", "", 0, untried.Message),
        { } broken => Fields(path, verdict.Program, "refused", "", 0, broken.Message),
    };

    private static string Fields(string path, string program, string answer, string file, int line, string reason)
        => string.Join('\t', new[] { path, program, answer, file, line.ToString(System.Globalization.CultureInfo.InvariantCulture), reason }.Select(static field => field.ReplaceLineEndings(" ").Replace('\t', ' ')));
}
