namespace Hypermesh.BpfSdk.Skeletons.Carriers;

/// <summary>
/// The text of a carrier: <see cref="FirstLine"/>; a line <c>KEY VALUE</c> for each fact about the skeleton; a line for each note, which the program that reads the C's
/// comments writes; an empty line; the object in base64. Lines end with a line feed. The first line changes when an old reader could misread the new text.
/// </summary>
internal static class CarrierFormat
{
    /// <summary>The first line: the format and its version.</summary>
    public const string FirstLine = "hypermesh-bpf-carrier 1";

    /// <summary><see cref="Carrier.Source"/>.</summary>
    public const string Source = "source";

    /// <summary><see cref="Carrier.Root"/>.</summary>
    public const string Root = "root";

    /// <summary><see cref="Carrier.Namespace"/>.</summary>
    public const string Namespace = "namespace";

    /// <summary><see cref="Carrier.ClassName"/>.</summary>
    public const string Class = "class";

    /// <summary><see cref="Carrier.Accessibility"/>.</summary>
    public const string Accessibility = "accessibility";

    /// <summary><see cref="Carrier.Resource"/>.</summary>
    public const string Resource = "resource";

    /// <summary><see cref="Carrier.OldestKernel"/>.</summary>
    public const string Kernel = "kernel";

    /// <summary>The SHA-256 of the object, in hexadecimal: base64 with a changed letter, or truncated at a line end, is still valid base64.</summary>
    public const string Hash = "sha256";

    /// <summary>A note about a declaration: <see cref="DocLine"/>.</summary>
    public const string Declaration = "doc";

    /// <summary>A note about a comparison across byte orders: <see cref="OrderLine"/>.</summary>
    public const string Comparison = "order";

    /// <summary>A mistake that is known only from the C itself: <see cref="MistakeLine"/>.</summary>
    public const string Mistake = "mistake";

    private const string EndOfHeader = "\n\n";

    /// <summary>Returns true for a line with that key.</summary>
    public static bool Has(string line, string key) => line.Length > key.Length && line[key.Length] == ' ' && line.StartsWith(key, StringComparison.Ordinal);

    /// <summary>Returns the lines of a text that are notes: they come from the C, and the facts before them from the project.</summary>
    public static IReadOnlyList<string> NotesOf(string text)
    {
        int end = Math.Max(text.IndexOf(EndOfHeader, StringComparison.Ordinal), 0);
        return [.. text.Substring(0, end).Split('\n').Where(static line => Has(line, Declaration) || Has(line, Comparison) || Has(line, Mistake))];
    }
}
