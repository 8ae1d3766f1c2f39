using System.Text.RegularExpressions;
using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>Finds formats that the kernel rejects as a whole: with a floating-point number, a precision, or another conversion that it does not know.</summary>
internal static partial class PrintFormatRule
{
    // The functions that format, and which argument the format is. bpf_printk, BPF_SEQ_PRINTF and BPF_SNPRINTF are macros around them.
    private static readonly Dictionary<string, (int Format, string Name)> s_functions = new(StringComparer.Ordinal)
    {
        ["bpf_trace_printk"] = (1, "bpf_printk"),
        ["bpf_trace_vprintk"] = (1, "bpf_printk"),
        ["bpf_seq_printf"] = (2, "BPF_SEQ_PRINTF"),
        ["bpf_snprintf"] = (3, "BPF_SNPRINTF"),
        ["bpf_stream_vprintk"] = (2, "bpf_stream_printk"),
        ["bpf_stream_vprintk_impl"] = (2, "bpf_stream_printk"),
    };

    // The lengths of an integer as the kernel writes them; all others are left out.
    private static readonly Dictionary<string, string> s_integers = new(StringComparer.Ordinal)
    {
        ["z"] = "l", ["t"] = "l", ["j"] = "l", ["l"] = "l", ["ll"] = "ll",
    };

    public static void Visit(CodeNode node, MistakeList found)
    {
        if (s_functions.TryGetValue(node.Callee, out (int Format, string Name) function) && node.Children.Count > function.Format && TextOf(node.Children[function.Format].Uncast) is { } text
            && MistakeIn(text) is var (what, remedy))
        {
            found.Add(SourceIds.PrintFormat, node.Cursor, function.Name, what, remedy);
        }
    }

    // A text, or a variable that has it from the start.
    private static string? TextOf(CodeNode format)
    {
        CXCursor text = format.Kind == CXCursorKind.CXCursor_DeclRefExpr && Cursors.Children(format.Declaration) is [.., var initializer] ? NetworkValue.Plain(initializer) : format.Cursor;
        return text.kind == CXCursorKind.CXCursor_StringLiteral ? Cursors.Spelling(text).Trim('"') : null;
    }

    private static (string What, string Remedy)? MistakeIn(string text)
        => Conversion().Matches(text).FirstOrDefault(static one => !Known().IsMatch(one.Value)) is { } wrong ? Explain(wrong) : null;

    private static (string What, string Remedy) Explain(Match conversion)
    {
        string letter = conversion.Groups["letter"].Value;
        string flags = conversion.Groups["flags"].Value.Replace("#", "", StringComparison.Ordinal) + conversion.Groups["width"].Value;
        string length = s_integers.GetValueOrDefault(conversion.Groups["length"].Value, "");
        string before = conversion.Groups["flags"].Value.Contains('#', StringComparison.Ordinal) ? "0x" : "";
        return letter switch
        {
            "a" or "A" or "e" or "E" or "f" or "F" or "g" or "G" => ($"'{conversion.Value}', a floating-point number, which BPF does not have", "two whole numbers, as in \"%llu.%03llu\", us / 1000, us % 1000"),
            "d" or "i" or "u" or "x" or "X" => ($"'{conversion.Value}'", $"'{before}%{flags}{length}{letter}'"),
            "o" => ($"'{conversion.Value}'", $"'%{flags}{length}x'"),
            "s" or "c" or "p" => ($"'{conversion.Value}'", $"'%{flags}{letter}'"),
            _ => ("a '%' that begins nothing", "%% for a percent sign"),
        };
    }

    [GeneratedRegex("""%(?:%|(?<flags>[-+ 0#]*)(?<width>[1-9][0-9]*)?\*?(?:\.[0-9]*\*?)?(?<length>hh|h|ll|l|z|t|j|L|q)?(?<letter>[a-zA-Z])?)""", RegexOptions.CultureInvariant)]
    private static partial Regex Conversion();

    // As bpf_bprintf_prepare of the kernel reads them.
    [GeneratedRegex("^%(?:%|[-+ 0]*(?:[1-9][0-9]*)?(?:l{0,2}[diuxX]|[scp]))$", RegexOptions.CultureInvariant)]
    private static partial Regex Known();
}
