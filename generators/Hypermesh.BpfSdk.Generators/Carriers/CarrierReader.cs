using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Carriers;

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
