using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>The subset of C that the fix of a map's definition reads. It changes nothing where it is not certain.</summary>
internal static class CSource
{
    /// <summary>Finds the type of the records that are written to a ring, from the declaration of the variable that is reserved or sent; null when it is not found.</summary>
    public static string? RecordType(string text, string map)
    {
        string name = Regex.Escape(map);
        Match reserved = Regex.Match(text, @"\b(?<variable>\w+)\s*=\s*bpf_ringbuf_reserve\s*\(\s*&\s*" + name + @"\s*,");
        Match sent = Regex.Match(text, @"\bbpf_ringbuf_output\s*\(\s*&\s*" + name + @"\s*,\s*&?\s*(?<variable>\w+)\s*,");
        Match use = reserved.Success ? reserved : sent;
        if (!use.Success)
        {
            return null;
        }

        // The nearest declaration before the use.
        string variable = Regex.Escape(use.Groups["variable"].Value);
        Match declared = Regex.Match(
            text.Substring(0, use.Groups["variable"].Index + use.Groups["variable"].Length),
            @"^[ \t]*(?:const\s+)?(?<type>(?:struct|union)\s+\w+|(?!return\b)\w+)\s*(?:\*\s*|\s)" + variable + @"\b",
            RegexOptions.Multiline | RegexOptions.RightToLeft);
        return declared.Success && declared.Groups["type"].Value != "void" ? Regex.Replace(declared.Groups["type"].Value, @"\s+", " ") : null;
    }

    /// <summary>Adds the type to the map's definition in the text; null when the definition is not written out or already names a type.</summary>
    public static SourceText? WithValueType(SourceText text, string map, string type)
    {
        string all = text.ToString();
        Match end = Regex.Match(all, @"^[ \t]*\}\s*" + Regex.Escape(map) + @"\s+SEC\s*\(\s*""\.maps""\s*\)\s*;", RegexOptions.Multiline);
        if (!end.Success)
        {
            return null;
        }

        int start = all.LastIndexOf("struct", end.Index, StringComparison.Ordinal);
        string definition = start < 0 ? "" : all.Substring(start, end.Index - start);
        Match first = Regex.Match(definition, @"^(?<indentation>[ \t]+)__uint\b", RegexOptions.Multiline);
        return first.Success && !definition.Contains("__type(value")
            ? text.WithChanges(new TextChange(new TextSpan(end.Index, 0), $"{first.Groups["indentation"].Value}__type(value, {type});\n"))
            : null;
    }
}
