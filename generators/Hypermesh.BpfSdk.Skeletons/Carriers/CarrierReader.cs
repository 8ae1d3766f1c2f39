using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Skeletons.Carriers;

/// <summary>Reads a carrier. Unknown keys are ignored, so that a newer task may write more.</summary>
internal static class CarrierReader
{
    /// <exception cref="CarrierException">A line is missing or wrong.</exception>
    public static Carrier Read(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var notes = new Dictionary<string, SourceNote>(StringComparer.Ordinal);
        var orders = new List<OrderLine>();
        var mistakes = new List<MistakeLine>();
        int position = 0;
        int line = 1;
        string? first = NextLine(text, ref position);
        if (first != CarrierFormat.FirstLine)
        {
            throw new CarrierException(null, line, $"'{CarrierFormat.FirstLine}' expected, '{first}' found");
        }

        while (true)
        {
            line++;
            string? entry = NextLine(text, ref position)
                ?? throw new CarrierException(Find(values, CarrierFormat.Source), line, "the file ends within its header");
            if (entry.Length == 0)
            {
                break;
            }

            int space = entry.IndexOf(' ');
            if (space <= 0)
            {
                throw new CarrierException(Find(values, CarrierFormat.Source), line, $"'{entry}' is not a key and a value");
            }

            string key = entry.Substring(0, space);
            string value = entry.Substring(space + 1).Trim();
            if (key == CarrierFormat.Declaration)
            {
                (string name, SourceNote note) = DocLine.Read(value, Find(values, CarrierFormat.Source) ?? "", Find(values, CarrierFormat.Root) ?? "")
                    ?? throw new CarrierException(Find(values, CarrierFormat.Source), line, $"'{entry}' is not a note about a declaration");
                notes[name] = note;
            }
            else if (key == CarrierFormat.Comparison)
            {
                orders.Add(OrderLine.Read(value) ?? throw new CarrierException(Find(values, CarrierFormat.Source), line, $"'{entry}' is not a note about a comparison"));
            }
            else if (key == CarrierFormat.Mistake)
            {
                mistakes.Add(MistakeLine.Read(value) ?? throw new CarrierException(Find(values, CarrierFormat.Source), line, $"'{entry}' is not a note about a mistake"));
            }
            else
            {
                values[key] = value;
            }
        }

        string source = Find(values, CarrierFormat.Source) ?? throw new CarrierException(null, line, $"the header has no '{CarrierFormat.Source}'");
        return new Carrier(
            source,
            Find(values, CarrierFormat.Namespace) ?? "",
            Need(values, CarrierFormat.Class, source, line),
            ReadAccessibility(values, source, line),
            Need(values, CarrierFormat.Resource, source, line),
            Decode(text.Substring(position), Need(values, CarrierFormat.Hash, source, line), source, line + 1))
        {
            Root = Find(values, CarrierFormat.Root) ?? "",
            OldestKernel = ReadKernel(values, source, line),
            Notes = notes,
            Orders = orders,
            Mistakes = mistakes,
        };
    }

    private static string ReadAccessibility(Dictionary<string, string> values, string source, int line)
    {
        string accessibility = Find(values, CarrierFormat.Accessibility) ?? "public";
        return accessibility is "public" or "internal"
            ? accessibility
            : throw new CarrierException(source, line, $"the accessibility '{accessibility}' is neither public nor internal");
    }

    private static Version? ReadKernel(Dictionary<string, string> values, string source, int line)
        => Find(values, CarrierFormat.Kernel) is not { } release
            ? null
            : Version.TryParse(release, out Version? version) ? version : throw new CarrierException(source, line, $"the kernel '{release}' is not a release such as 5.10");

    private static byte[] Decode(string base64, string hash, string source, int line)
    {
        byte[] image;
        try
        {
            image = Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw new CarrierException(source, line, "the object is not valid base64; the file is truncated or changed");
        }

        return image.Length == 0 ? throw new CarrierException(source, line, "there is no object after the header")
            : Hash.Of(image) == hash ? image
            : throw new CarrierException(source, line, $"the object does not have the {CarrierFormat.Hash} of the header; the file is truncated or changed");
    }

    private static string Need(Dictionary<string, string> values, string key, string source, int line)
        => Find(values, key) ?? throw new CarrierException(source, line, $"the header has no '{key}'");

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

/// <summary>The exception for a carrier's text that does not have the format of the clang task.</summary>
/// <param name="source">The C file; null when the header does not name it.</param>
/// <param name="line">The line of the carrier that is wrong.</param>
/// <param name="problem">What is wrong there.</param>
internal sealed class CarrierException(string? source, int line, string problem)
    : Exception($"line {line}: {problem}")
{
    /// <summary>The C file; null when the header does not name it.</summary>
    public string? SourceFile { get; } = source;
}
