using System.Globalization;
using System.Text;

namespace Hypermesh.BpfSdk.Skeletons.Naming;

/// <summary>
/// Converts C names to C# names. There is one rule for all names, in one file, because the build task, which names the classes, links it. Conflicts with other names are
/// handled by <c>ReservedNames</c>.
/// </summary>
internal static class CSharpNames
{
    private static readonly HashSet<string> s_keywords = new(StringComparer.Ordinal)
    {
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal",
        "default", "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float",
        "for", "foreach", "goto", "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new",
        "null", "object", "operator", "out", "override", "params", "private", "protected", "public", "readonly", "ref", "return",
        "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string", "struct", "switch", "this", "throw", "true", "try",
        "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort", "using", "virtual", "void", "volatile", "while",
    };

    // Words that may be the name of a member but not of a type (C# reserves lower-case names of types).
    private static readonly HashSet<string> s_notForTypes = new(StringComparer.Ordinal)
    {
        "record", "file", "required", "scoped", "var", "dynamic", "nint", "nuint", "notnull", "unmanaged", "partial", "where", "extension", "field",
    };

    /// <summary>
    /// Returns the name in PascalCase: each part between underscores begins with a capital, and a part in capitals keeps only its first
    /// (<c>MAX_ENTRIES</c> is <c>MaxEntries</c>, <c>IPv4_addr</c> is <c>IPv4Addr</c>). An underscore between two digits is kept.
    /// </summary>
    public static string ToPascalCase(string cName)
    {
        var result = new StringBuilder(cName.Length);
        int start = 0;
        while (start < cName.Length)
        {
            int end = start;
            while (end < cName.Length && char.IsLetterOrDigit(cName[end]))
            {
                end++;
            }

            AppendPart(result, cName, start, end);
            start = end + 1;
        }

        if (result.Length == 0)
        {
            return "_";
        }

        return char.IsLetter(result[0]) ? result.ToString() : "_" + result;
    }

    /// <summary>Returns the same name with the underscores before the first part, and with all but one of those between two parts.</summary>
    public static string ToPascalCaseWithUnderscores(string cName)
    {
        var result = new StringBuilder(cName.Length);
        int spare = 0;
        foreach (string part in cName.Split('_'))
        {
            if (part.Length == 0)
            {
                spare++;
                continue;
            }

            result.Append('_', spare).Append(ToPascalCase(part));
            spare = 0;
        }

        // A name of only underscores has no parts.
        return result.Length == 0 ? cName : result.Append('_', spare).ToString();
    }

    /// <summary>Returns a C name with one underscore between two parts and none elsewhere.</summary>
    public static string WithoutSpareUnderscores(string cName) => string.Join("_", cName.Split(['_'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Returns true for a valid identifier, with an @ when it is a keyword.</summary>
    public static bool IsIdentifier(string name)
    {
        if (name.Length == 0 || !(name[0] == '_' || IsLetter(name[0])))
        {
            return false;
        }

        return name.All(character => character == '_' || IsLetter(character) || IsContinuation(character));
    }

    /// <summary>Returns true for a valid name of a class.</summary>
    public static bool IsTypeName(string name) => IsIdentifier(name) && !s_keywords.Contains(name) && !s_notForTypes.Contains(name);

    /// <summary>Returns true for identifiers joined by dots; keywords among them need <see cref="EscapeQualified"/>.</summary>
    public static bool IsNamespace(string name) => name.Split('.').All(IsIdentifier);

    /// <summary>Returns a dotted name with an @ before the parts that are keywords.</summary>
    public static string EscapeQualified(string name)
        => string.Join(".", name.Split('.').Select(part => s_keywords.Contains(part) ? "@" + part : part));

    private static void AppendPart(StringBuilder result, string name, int start, int end)
    {
        if (end == start)
        {
            return;
        }

        if (result.Length > 0 && char.IsDigit(result[result.Length - 1]) && char.IsDigit(name[start]))
        {
            result.Append('_');
        }

        bool shouting = end - start > 1;
        for (int i = start; i < end; i++)
        {
            shouting &= !char.IsLower(name[i]);
        }

        result.Append(char.ToUpperInvariant(name[start]));
        for (int i = start + 1; i < end; i++)
        {
            result.Append(shouting ? char.ToLowerInvariant(name[i]) : name[i]);
        }
    }

    private static bool IsLetter(char character)
        => char.IsLetter(character) || CharUnicodeInfo.GetUnicodeCategory(character) == UnicodeCategory.LetterNumber;

    private static bool IsContinuation(char character)
        => CharUnicodeInfo.GetUnicodeCategory(character) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Format;
}
