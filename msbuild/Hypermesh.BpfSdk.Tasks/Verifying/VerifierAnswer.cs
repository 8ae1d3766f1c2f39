using System.Globalization;

namespace Hypermesh.BpfSdk.Tasks.Verifying;

/// <summary>The result for one program: a line of Hypermesh.BpfSdk.Verifier.</summary>
/// <param name="Object">The object's path.</param>
/// <param name="Program">The program; empty for the object as a whole.</param>
/// <param name="Answer">"accepted", "refused" or "untried".</param>
/// <param name="File">The C file as the object names it; empty when it is not known.</param>
/// <param name="Line">The line there, else 0.</param>
/// <param name="Reason">Why, in a sentence.</param>
internal sealed record VerifierAnswer(string Object, string Program, string Answer, string File, int Line, string Reason)
{
    /// <summary>Reads all lines that are results; a wrapper around the program may print other lines.</summary>
    public static IReadOnlyList<VerifierAnswer> Read(string output)
        =>
        [
            .. output.Split('\n').Select(line => line.TrimEnd('\r').Split('\t')).Where(fields => fields.Length == 6)
                .Select(fields => new VerifierAnswer(fields[0], fields[1], fields[2], fields[3], int.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out int line) ? line : 0, fields[5])),
        ];
}
