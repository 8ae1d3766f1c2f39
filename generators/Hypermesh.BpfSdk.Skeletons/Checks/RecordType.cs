using System.Text.RegularExpressions;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>The type of a record, from the line of C that passes it to a map.</summary>
/// <param name="Name">The type as C writes it, such as <c>struct event</c>; null when the line names only a variable of it.</param>
/// <param name="Description">The type for a message.</param>
internal sealed record RecordType(string? Name, string Description)
{
    private static readonly Regex s_call = new(@"\b(bpf_ringbuf_reserve|bpf_ringbuf_output|bpf_perf_event_output)\s*\(", RegexOptions.CultureInvariant);

    private static readonly Regex s_size = new(@"\bsizeof\s*\(\s*(?:(?<type>(?:struct|union)\s+\w+)|(?<pointer>\*\s*\w+)|(?<name>\w+))\s*\)", RegexOptions.CultureInvariant);

    private static readonly Regex s_declared = new(@"^\s*(?<type>(?:struct|union)\s+\w+|\w+)\s*\*\s*\w+\s*=\s*bpf_ringbuf_reserve\b", RegexOptions.CultureInvariant);

    /// <summary>Reads a line; null when it passes nothing to a map, or bytes without a type.</summary>
    /// <param name="line">The line.</param>
    /// <param name="isType">Tells a typedef's name from a variable's.</param>
    public static RecordType? Read(string line, Func<string, bool> isType)
    {
        if (!s_call.IsMatch(line) || s_size.Match(line) is not { Success: true } size)
        {
            return null;
        }

        if (size.Groups["type"] is { Success: true } type)
        {
            return Named(type.Value);
        }

        if (s_declared.Match(line) is { Success: true } declared && declared.Groups["type"].Value != "void")
        {
            return Named(declared.Groups["type"].Value);
        }

        if (size.Groups["pointer"] is { Success: true } pointer)
        {
            return new RecordType(null, $"what '{pointer.Value.TrimStart('*', ' ')}' points to");
        }

        string name = size.Groups["name"].Value;
        return isType(name) ? Named(name) : new RecordType(null, $"that of '{name}'");
    }

    private static RecordType Named(string type)
    {
        string name = Regex.Replace(type, @"\s+", " ");
        return new RecordType(name, $"'{name}'");
    }
}
