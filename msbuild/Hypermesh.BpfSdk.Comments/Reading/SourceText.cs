using System.Text;
using System.Text.RegularExpressions;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>The text of the files of a translation unit, by libclang's handles of them.</summary>
internal sealed unsafe partial class SourceText
{
    private readonly Dictionary<nint, byte[]> _texts = [];

    /// <summary>Returns where a token is written: for an argument of a macro the argument, for the text of a macro the use of that macro.</summary>
    public (nint File, uint Offset, int Line) Written(CXSourceLocation location)
    {
        void* file;
        uint line;
        uint offset;
        clang.getFileLocation(location, &file, &line, null, &offset);
        return ((nint)file, offset, (int)line);
    }

    /// <summary>Returns where the characters of a token are: for the text of a macro in the macro's definition.</summary>
    public (nint File, uint Offset) Spelled(CXSourceLocation location)
    {
        void* file;
        uint offset;
        clang.getSpellingLocation(location, &file, null, null, &offset);
        return ((nint)file, offset);
    }

    /// <summary>Returns the name or number that starts at a place; empty where there is none.</summary>
    public string WordAt(nint file, uint offset)
    {
        byte[] text = Of(file);
        int end = (int)offset;
        while (end < text.Length && (text[end] == '_' || char.IsAsciiLetterOrDigit((char)text[end])))
        {
            end++;
        }

        return end > offset ? Encoding.ASCII.GetString(text, (int)offset, end - (int)offset) : "";
    }

    /// <summary>Returns the comparison operator before an operand, such as <c>==</c>; empty for another operator.</summary>
    public string ComparisonBefore(nint file, uint offset)
        => OperatorBefore(file, offset, "=!<>") is var comparison && comparison is "==" or "!=" or "<" or ">" or "<=" or ">=" ? comparison : "";

    /// <summary>Returns the operator before an operand.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">The start of the operand.</param>
    /// <param name="letters">The characters that an operator may consist of.</param>
    public string OperatorBefore(nint file, uint offset, string letters)
    {
        byte[] text = Of(file);
        int end = (int)Math.Min(offset, (uint)text.Length);
        while (end > 0 && (char.IsWhiteSpace((char)text[end - 1]) || text[end - 1] == '('))
        {
            end--;
        }

        int start = end;
        while (start > 0 && letters.Contains((char)text[start - 1], StringComparison.Ordinal))
        {
            start--;
        }

        return Encoding.ASCII.GetString(text, start, end - start);
    }

    /// <summary>Returns an expression as it is written, when it is short and on one line; empty for another one.</summary>
    public string Expression(CXCursor expression)
    {
        const int Longest = 60;
        CXSourceRange range = clang.getCursorExtent(expression);
        (nint file, uint start, _) = Written(clang.getRangeStart(range));
        (nint last, uint end, _) = Written(clang.getRangeEnd(range));
        byte[] text = Of(file);
        if (file != last || end <= start || end > text.Length || end - start > Longest)
        {
            return "";
        }

        string written = Encoding.UTF8.GetString(text, (int)start, (int)(end - start));
        return written.AsSpan().ContainsAny('\n', '\t') ? "" : written;
    }

    /// <summary>Returns the text of <c>SEC("…")</c> at a place; empty for something else.</summary>
    public string SectionAt(nint file, uint offset)
    {
        const int Longest = 256;
        byte[] text = Of(file);
        int start = (int)Math.Min(offset, (uint)text.Length);
        return Section().Match(Encoding.UTF8.GetString(text, start, Math.Min(Longest, text.Length - start))).Groups["name"].Value;
    }

    [GeneratedRegex("""^\w+\s*\(\s*"(?<name>[^"\n]+)"\s*\)""", RegexOptions.CultureInvariant)]
    private static partial Regex Section();

    private byte[] Of(nint file)
    {
        if (!_texts.TryGetValue(file, out byte[]? text))
        {
            using CXString name = clang.getFileName((void*)file);
            try
            {
                text = file != 0 && name.CString is { Length: > 0 } path ? File.ReadAllBytes(path) : [];
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                text = [];
            }

            _texts.Add(file, text);
        }

        return text;
    }
}
