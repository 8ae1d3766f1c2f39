using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Sources;

/// <summary>
/// Finds places in the C file. An object has the line of each instruction and that line's text, but not the place where a map or a type is
/// declared: that is in the carrier's notes. Without notes, the first line of code that mentions a name is used.
/// </summary>
internal sealed class SourceLines(BpfObjectSpec spec, BtfTypes types, string source, SourceNotes? notes = null)
{
    private readonly string _fileName = source.Substring(source.LastIndexOf('/') + 1);

    /// <summary>Returns the line of a program's first instruction, which is the function's first; 0 when it is not known or in another file.</summary>
    public int Of(BpfProgramSpec program)
    {
        foreach (BtfLineInfo line in LinesOf(program.Code.Name))
        {
            if (line.InstructionOffset == program.Symbol.Value)
            {
                return IsInSource(line) ? line.Line : 0;
            }
        }

        return 0;
    }

    /// <summary>Returns the line of an instruction; 0 when it is not known or in another file.</summary>
    /// <param name="section">The instruction's section.</param>
    /// <param name="offset">Its place there in bytes.</param>
    public int At(string section, uint offset)
        => TextAt(section, offset).Line;

    /// <summary>Returns the line of an instruction and its text; 0 when it is not known or in another file.</summary>
    /// <param name="section">The instruction's section.</param>
    /// <param name="offset">Its place there in bytes.</param>
    public (int Line, string Text) TextAt(string section, uint offset)
    {
        // A line applies from its instruction to the instruction of the next line.
        BtfLineInfo line = LinesOf(section).LastOrDefault(line => line.InstructionOffset <= offset);
        return line.Line > 0 && IsInSource(line) ? (line.Line, types.GetString(line.TextOffset)) : (0, "");
    }

    /// <summary>Returns the place of a declaration, or of the first line of code that mentions the name; line 1 when none does.</summary>
    /// <param name="cName">A name, a key of the carrier such as <c>struct event.pid</c>, or a path whose last part counts.</param>
    public SourcePosition Of(string cName)
    {
        if (notes?.Of(cName) is { Line: > 0 } note)
        {
            return new SourcePosition(note.Header.Length > 0 ? note.Header : source, note.Line);
        }

        string word = cName.Substring(cName.LastIndexOf('.') + 1);
        int first = int.MaxValue;
        foreach (BtfLineInfo line in spec.Elf.Sections.SelectMany(section => LinesOf(section.Name)))
        {
            if (line.Line < first && line.Line > 0 && IsInSource(line) && Mentions(types.GetString(line.TextOffset), word))
            {
                first = line.Line;
            }
        }

        return new SourcePosition(source, first == int.MaxValue ? 1 : first);
    }

    /// <summary>Returns all lines of code with instructions in a section, by the place of the instruction.</summary>
    public IReadOnlyList<BtfLineInfo> OfSection(string section) => LinesOf(section);

    /// <summary>Returns true when a text contains a name, not only as a part of a longer one.</summary>
    public static bool Mentions(string text, string word)
    {
        for (int at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            int end = at + word.Length;
            if ((at == 0 || !IsPartOfName(text[at - 1])) && (end == text.Length || !IsPartOfName(text[end])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPartOfName(char character) => character == '_' || char.IsLetterOrDigit(character);

    private IReadOnlyList<BtfLineInfo> LinesOf(string section) => spec.BtfExtension?.LinesOf(section) ?? [];

    private bool IsInSource(BtfLineInfo line)
    {
        string file = types.GetString(line.FileNameOffset);
        return string.Equals(file.Substring(file.LastIndexOf('/') + 1), _fileName, StringComparison.Ordinal);
    }
}
