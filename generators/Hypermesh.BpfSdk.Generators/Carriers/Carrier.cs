using System.Globalization;
using System.Text;
using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Carriers;

/// <summary>What the clang task hands over for one source: the compiled object as text, and how its skeleton is to be called.</summary>
/// <param name="Source">The C file, relative to the project, with forward slashes.</param>
/// <param name="Namespace">The skeleton's namespace; empty for the global one.</param>
/// <param name="ClassName">The skeleton's class.</param>
/// <param name="Accessibility"><c>public</c> or <c>internal</c>.</param>
/// <param name="Resource">The name of the embedded resource that holds the same object.</param>
/// <param name="Image">The object.</param>
internal sealed record Carrier(
    string Source,
    string Namespace,
    string ClassName,
    string Accessibility,
    string Resource,
    byte[] Image)
{
    /// <summary>The way from the generated code to the project's folder, with a slash at its end.</summary>
    public string Root { get; init; } = "";

    /// <summary>The oldest kernel the file is for; null when the task did not say.</summary>
    public Version? OldestKernel { get; init; }

    /// <summary>Where everything is declared, and what its comment says, by its name in C; empty when the task did not find out.</summary>
    public IReadOnlyDictionary<string, SourceNote> Notes { get; init; } = new Dictionary<string, SourceNote>();

    /// <summary>The comparisons of values in network order with constants in the machine's; empty when the task did not find out.</summary>
    public IReadOnlyList<OrderLine> Orders { get; init; } = [];
}

/// <summary>
/// Reads a carrier: a first line with the format's version, <c>key value</c> lines, an empty line, the object in base64.
/// Keys it does not know are passed over, so that a newer task may say more.
/// </summary>
internal static class CarrierReader
{
    private const string FirstLine = "hypermesh-bpf-carrier 1";

    /// <exception cref="CarrierException">A line is missing or wrong.</exception>
    public static Carrier Read(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var notes = new Dictionary<string, SourceNote>(StringComparer.Ordinal);
        var orders = new List<OrderLine>();
        int position = 0;
        int line = 1;
        string? first = NextLine(text, ref position);
        if (first != FirstLine)
        {
            throw new CarrierException(null, line, $"'{FirstLine}' expected, '{first}' found");
        }

        while (true)
        {
            line++;
            string? entry = NextLine(text, ref position)
                ?? throw new CarrierException(Find(values, "source"), line, "the file ends within its header");
            if (entry.Length == 0)
            {
                break;
            }

            int space = entry.IndexOf(' ');
            if (space <= 0)
            {
                throw new CarrierException(Find(values, "source"), line, $"'{entry}' is not a key and a value");
            }

            string key = entry.Substring(0, space);
            string value = entry.Substring(space + 1).Trim();
            if (key == "doc")
            {
                (string name, SourceNote note) = DocLine.Read(value, Find(values, "source") ?? "", Find(values, "root") ?? "")
                    ?? throw new CarrierException(Find(values, "source"), line, $"'{entry}' says nothing of a declaration");
                notes[name] = note;
            }
            else if (key == "order")
            {
                orders.Add(OrderLine.Read(value) ?? throw new CarrierException(Find(values, "source"), line, $"'{entry}' says nothing of a comparison"));
            }
            else
            {
                values[key] = value;
            }
        }

        string source = Find(values, "source") ?? throw new CarrierException(null, line, "the header has no 'source'");
        string className = Find(values, "class") ?? throw new CarrierException(source, line, "the header has no 'class'");
        string @namespace = Find(values, "namespace") ?? "";
        return new Carrier(
            source,
            @namespace,
            className,
            ReadAccessibility(values, source, line),
            Find(values, "resource") ?? throw new CarrierException(source, line, "the header has no 'resource'"),
            Decode(text.Substring(position), source, line + 1))
        {
            Root = Find(values, "root") ?? "",
            OldestKernel = ReadKernel(values, source, line),
            Notes = notes,
            Orders = orders,
        };
    }

    private static string ReadAccessibility(Dictionary<string, string> values, string source, int line)
    {
        string accessibility = Find(values, "accessibility") ?? "public";
        return accessibility is "public" or "internal"
            ? accessibility
            : throw new CarrierException(source, line, $"the accessibility '{accessibility}' is neither public nor internal");
    }

    private static Version? ReadKernel(Dictionary<string, string> values, string source, int line)
        => Find(values, "kernel") is not { } release
            ? null
            : Version.TryParse(release, out Version? version) ? version : throw new CarrierException(source, line, $"the kernel '{release}' is not a release such as 5.10");

    private static byte[] Decode(string base64, string source, int line)
    {
        byte[] image;
        try
        {
            image = Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw new CarrierException(source, line, "the object is not valid base64; the file is cut or changed");
        }

        return image.Length > 0 ? image : throw new CarrierException(source, line, "there is no object after the header");
    }

    private static string? Find(Dictionary<string, string> values, string key)
        => values.TryGetValue(key, out string? value) && value.Length > 0 ? value : null;

    private static string? NextLine(string text, ref int position)
    {
        if (position >= text.Length)
        {
            return null;
        }

        int end = text.IndexOf('\n', position);
        int stop = end < 0 ? text.Length : end;
        string line = text.Substring(position, stop - position).TrimEnd('\r');
        position = stop + 1;
        return line;
    }
}

/// <summary>A carrier's text is not what the clang task writes.</summary>
/// <param name="source">The C file, where the header got far enough to name it.</param>
/// <param name="line">The line of the carrier that is wrong.</param>
/// <param name="problem">What is wrong there.</param>
internal sealed class CarrierException(string? source, int line, string problem)
    : Exception($"line {line}: {problem}")
{
    /// <summary>The C file, null when the header did not name it.</summary>
    public string? SourceFile { get; } = source;
}

/// <summary>A carrier's line about a declaration: key, line, column, header (empty for the C file itself) and comment, parted by tabs.</summary>
internal static class DocLine
{
    /// <summary>The key and the note; null for a line that is not one.</summary>
    /// <param name="text">What stands after <c>doc</c>.</param>
    /// <param name="source">The C file, from the project's folder.</param>
    /// <param name="root">The way from the generated code to the project's folder.</param>
    public static (string Key, SourceNote Note)? Read(string text, string source, string root)
    {
        string[] parts = text.Split('\t');
        if (parts.Length < 3 || parts.Length > 5 || parts[0].Length == 0
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int line) || line is 0 or > MaximumLine)
        {
            return null;
        }

        string header = parts.Length > 3 ? Unescape(parts[3]) : "";
        string comment = parts.Length > 4 ? Unescape(parts[4]) : "";
        return (parts[0], new SourceNote(root + (header.Length > 0 ? header : source), header, line, comment));
    }

    // C# takes no larger number in a #line.
    internal const int MaximumLine = 0xfeefed - 1;

    internal static string Unescape(string text)
    {
        if (text.IndexOf('\\') < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char character = text[i];
            if (character == '\\' && i + 1 < text.Length)
            {
                i++;
                character = text[i] switch { 'n' => '\n', 't' => '\t', _ => text[i] };
            }

            result.Append(character);
        }

        return result.ToString();
    }
}
