using System.Globalization;
using System.Text;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Values as C# writes them.</summary>
internal static class CSharpLiterals
{
    /// <summary>A string with quotes.</summary>
    public static string Text(string value)
    {
        var literal = new StringBuilder("\"");
        foreach (char character in value)
        {
            literal.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                < ' ' or '\u007f' or '\u0085' or '\u2028' or '\u2029' => "\\u" + ((int)character).ToString("x4", CultureInfo.InvariantCulture),
                _ => character.ToString(),
            });
        }

        return literal.Append('"').ToString();
    }

    /// <summary>A mask of 64 bits.</summary>
    public static string Mask(ulong value) => "0x" + value.ToString("X", CultureInfo.InvariantCulture) + "UL";
}
