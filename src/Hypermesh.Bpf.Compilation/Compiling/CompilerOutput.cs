using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Clang.Diagnostics;

namespace Hypermesh.Bpf.Compilation.Compiling;

/// <summary>
/// Reads clang's output about C of any origin: names the user's files, removes control characters, and shows no message about a file that is neither source nor header, since its text is
/// quoted from there.
/// </summary>
internal sealed partial class CompilerOutput(BpfSource source, PrivateFolder folder, IReadOnlyList<string> headers)
{
    private const string Hidden = "a file that is neither the source nor a header was read; its text is not shown";
    private const string Explained = "explained";

    // Assembly in C is reported in a buffer of its own, beside the line of C.
    private static readonly string[] s_buffers = ["<inline asm>", "<built-in>", "<scratch space>", "<command line>"];

    private readonly string[] _lines = Encoding.UTF8.GetString(source.Text).Split('\n');

    /// <summary>Returns the errors and warnings.</summary>
    internal IReadOnlyList<BpfDiagnostic> Read(string output)
    {
        if (output.Length == 0)
        {
            return [];
        }

        // What explains messages reads the headers that the C includes. It gets the lines that name headers of the machine alone.
        string explained = Path.Combine(folder.Path, Explained, source.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(explained)!);
        File.WriteAllLines(explained, _lines.Where(static line => SystemInclude().IsMatch(line)));
        IEnumerable<string> searched = [folder.Sdk, .. headers.Where(static path => path.StartsWith("/usr/", StringComparison.Ordinal))];
        var all = new List<BpfDiagnostic>();
        foreach (ClangDiagnostic one in ExplainedOutput.Read(Printable(output), LineOf, explained, () => searched))
        {
            if (one.Kind != ClangDiagnosticKind.Note)
            {
                bool isShown = IsShown(one.File);
                all.Add(new BpfDiagnostic(
                    one.Kind == ClangDiagnosticKind.Error, one.Code!, isShown ? NameOf(one.File) : source.Path, isShown ? one.Line : 0, isShown ? one.Column : 0, isShown ? one.Text.Replace(MissingHeader.VmlinuxOfProject, MissingHeader.VmlinuxOfTool, StringComparison.Ordinal) : Hidden));
            }
        }

        return [.. all.Distinct()];
    }

    private bool IsShown(string? file)
        => file is null || s_buffers.Contains(file) || IsOwn(file) || ReadableFolders.Contains(headers.Append(folder.Sdk), Path.Combine(folder.Path, file));

    private bool IsOwn(string file) => file.StartsWith("./", StringComparison.Ordinal) ? IsOwn(file[2..]) : file == source.Name || source.Headers.ContainsKey(file);

    private string NameOf(string? file)
    {
        string name = file is null || s_buffers.Contains(file) ? source.Name : file.StartsWith("./", StringComparison.Ordinal) ? file[2..] : file;
        return name == source.Name ? source.Path
            : source.Headers.ContainsKey(name) ? Path.Combine(Path.GetDirectoryName(source.Path) ?? "", name)
            : name.StartsWith(PrivateFolder.SdkFolder + "/", StringComparison.Ordinal) ? $"<{name[(PrivateFolder.SdkFolder.Length + 1)..]}>"
            : name;
    }

    private string LineOf(ClangDiagnostic one) => one.File is { } file && file.EndsWith(source.Name, StringComparison.Ordinal) && one.Line > 0 && one.Line <= _lines.Length ? _lines[one.Line - 1] : "";

    private static string Printable(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune letter in text.EnumerateRunes())
        {
            bool isShown = letter.Value == '\n' || Rune.GetUnicodeCategory(letter) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            clean.Append(isShown ? letter.ToString() : letter.Value == '\t' ? " " : "");
        }

        return clean.ToString();
    }

    [GeneratedRegex("""^\s*#\s*include\s*<(?!/|[^>]*\.\.)[^>"]+>""", RegexOptions.CultureInvariant)]
    private static partial Regex SystemInclude();
}
