using System.Globalization;

namespace Hypermesh.Bpf;

/// <summary>A typed program on many kernel functions (7.2).</summary>
public sealed record BpfTracingMultiLinkInfo : BpfLinkInfo
{
    // 7.2 tells the fields in /proc alone: lines "name:\tvalue", and below the line of headings one line a function.
    private const string AttachTypeLine = "attach_type:";
    private const string Headings = "obj-id";

    internal BpfTracingMultiLinkInfo(BpfHandle link, in RawLinkInfo raw)
        : base(raw)
    {
        var functions = new List<BpfTracedFunction>();
        Functions = functions;
        using HandleUse use = link.Use();
        string[] lines = (link.Kernel.TryReadText($"/proc/self/fdinfo/{use.Descriptor}", out _) ?? "").Split('\n');
        int headings = Array.FindIndex(lines, static line => line.StartsWith(Headings, StringComparison.Ordinal));
        string attach = Array.Find(lines, static line => line.StartsWith(AttachTypeLine, StringComparison.Ordinal)) ?? AttachTypeLine;
        AttachType = uint.TryParse(attach.AsSpan(AttachTypeLine.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out uint type) ? (BpfAttachType)type : default;
        foreach (string line in headings < 0 ? [] : lines.AsSpan(headings + 1))
        {
            if (Read(line) is { } function)
            {
                functions.Add(function);
            }
        }
    }

    /// <summary>How it is attached; zero where /proc is not mounted.</summary>
    public BpfAttachType AttachType { get; }

    /// <summary>The functions, in the order of their types; empty where /proc is not mounted.</summary>
    public IReadOnlyList<BpfTracedFunction> Functions { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of {Functions.Count} kernel functions";

    // "1\t 5738\t 0\t __x64_sys_getpgid+0x4/0x20"
    private static BpfTracedFunction? Read(string line)
    {
        string[] words = line.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 4
            && uint.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint types)
            && uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint id)
            && ulong.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong cookie)
            ? new BpfTracedFunction(words[3].StartsWith("0x", StringComparison.Ordinal) ? "" : words[3].Split('+')[0], id, types, cookie)
            : null;
    }
}
