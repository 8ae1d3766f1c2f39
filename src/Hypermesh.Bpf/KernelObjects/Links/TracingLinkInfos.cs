using System.Globalization;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf;

/// <summary>A program on a typed target: a tracepoint, a function, a security hook, another program (5.8).</summary>
public sealed record BpfTracingLinkInfo : BpfLinkInfo
{
    internal BpfTracingLinkInfo(in RawLinkInfo raw)
        : base(raw)
    {
        AttachType = (BpfAttachType)raw.TracingAttachType;
        TargetObjectId = raw.TracingTargetObjId;
        TargetBtfId = raw.TracingTargetBtfId;
        Cookie = raw.TracingCookie;
    }

    /// <summary>The attach type.</summary>
    public BpfAttachType AttachType { get; }

    /// <summary>The ID of the BTF that has the target; for <c>freplace</c>, the ID of the target program.</summary>
    public uint TargetObjectId { get; }

    /// <summary>The ID of the target's type in that BTF.</summary>
    public uint TargetBtfId { get; }

    /// <summary>The number the program gets from <c>bpf_get_attach_cookie</c> (6.16).</summary>
    public ulong Cookie { get; }

    /// <inheritdoc/>
    public override string Target => $"{AttachType} of type {TargetBtfId} in object {TargetObjectId}";
}

/// <summary>A typed program on many kernel functions (7.2).</summary>
public sealed record BpfTracingMultiLinkInfo : BpfLinkInfo
{
    // 7.2 reports the fields only in /proc: lines "name:\tvalue", and below a heading one line for each function.
    private const string AttachTypeLine = "attach_type:";
    private const string Headings = "obj-id";

    internal BpfTracingMultiLinkInfo(BpfHandle link, in RawLinkInfo raw)
        : base(raw)
    {
        var functions = new List<BpfTracedFunction>();
        Functions = functions;
        string[] lines = (DescriptorFacts.Read(link) ?? "").Split('\n');
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

    /// <summary>The attach type; zero if /proc is not mounted.</summary>
    public BpfAttachType AttachType { get; }

    /// <summary>The functions, in the order of their type IDs; empty if /proc is not mounted.</summary>
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

/// <summary>One of the functions a typed program is attached to.</summary>
/// <param name="Name">The function; empty if the kernel hides its symbols.</param>
/// <param name="TypeId">Its type ID in the BTF that has it.</param>
/// <param name="TypesId">The ID of that BTF: the kernel's, or a module's.</param>
/// <param name="Cookie">The number that the program reads there with <c>bpf_get_attach_cookie</c>; 0 for none.</param>
public readonly record struct BpfTracedFunction(string Name, uint TypeId, uint TypesId, ulong Cookie);

/// <summary>A program on a raw tracepoint (5.8).</summary>
public sealed record BpfRawTracepointLinkInfo : BpfLinkInfo
{
    internal BpfRawTracepointLinkInfo(BpfHandle link, in RawLinkInfo raw)
        : base(raw)
    {
        Name = LinkInfoBuffers.ReadText(link, raw.RawTracepointTpNameLen, static (ref info, buffer, size) =>
        {
            info.RawTracepointTpName = buffer;
            info.RawTracepointTpNameLen = size;
        });
        Cookie = raw.RawTracepointCookie;
    }

    /// <summary>The name of the tracepoint.</summary>
    public string Name { get; }

    /// <summary>The number the program gets from <c>bpf_get_attach_cookie</c> (6.10).</summary>
    public ulong Cookie { get; }

    /// <inheritdoc/>
    public override string Target => Name;
}
