using System.Text;

namespace Hypermesh.BpfSdk.Tasks.Names;

/// <summary>C# names made from file and project names.</summary>
internal static class CSharpName
{
    /// <summary>True when the text is one identifier.</summary>
    public static bool IsIdentifier(string text)
        => text.Length > 0 && (char.IsLetter(text[0]) || text[0] == '_') && text.All(c => char.IsLetterOrDigit(c) || c == '_');

    /// <summary>True when the text is identifiers joined by dots.</summary>
    public static bool IsNamespace(string text) => text.Split('.').All(IsIdentifier);

    /// <summary>The text in PascalCase: what is no letter or digit parts the words and goes.</summary>
    public static string Pascal(string text)
    {
        StringBuilder name = new();
        bool wordStarts = true;
        foreach (char c in text)
        {
            if (!char.IsLetterOrDigit(c))
            {
                wordStarts = true;
                continue;
            }

            name.Append(wordStarts ? char.ToUpperInvariant(c) : c);
            wordStarts = false;
        }

        return StartWithLetter(name.ToString());
    }

    /// <summary>The namespace as <c>dotnet new</c> makes it of a project's name: <c>my-app.v2</c> becomes <c>my_app.v2</c>.</summary>
    public static string Namespace(string text)
        => string.Join(".", text.Split('.').Select(part => StartWithLetter(Underscored(part))));

    private static string Underscored(string part)
        => new([.. part.Select(c => char.IsLetterOrDigit(c) || c == '_' ? c : '_')]);

    private static string StartWithLetter(string name) => name.Length > 0 && char.IsDigit(name[0]) ? "_" + name : name;
}
