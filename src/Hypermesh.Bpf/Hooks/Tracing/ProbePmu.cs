using System.Globalization;

namespace Hypermesh.Bpf;

/// <summary>The perf event source that makes probes (4.17): its number, and where in <c>config</c> its options are.</summary>
internal sealed record ProbePmu(uint Type, int ReturnBit, int? CounterShift)
{
    private const string Root = "/sys/bus/event_source/devices/";

    /// <summary>Of kernel functions.</summary>
    internal const string Kernel = "kprobe";

    /// <summary>Of user programs and libraries.</summary>
    internal const string User = "uprobe";

    /// <summary>Reads it from sysfs; null where the kernel has none.</summary>
    internal static ProbePmu? Read(IKernel kernel, string kind)
        => Number(kernel, kind + "/type", "") is { } type && Number(kernel, kind + "/format/retprobe", "config:") is { } returnBit
            ? new ProbePmu((uint)type, returnBit, Number(kernel, kind + "/format/ref_ctr_offset", "config:"))
            : null;

    /// <summary>The attributes of an event; the place is filled in by the caller.</summary>
    internal unsafe PerfEventAttr Attributes(bool isReturn, ulong counterOffset)
    {
        PerfEventAttr attributes = default;
        attributes.Type = Type;
        attributes.Size = (uint)sizeof(PerfEventAttr);
        attributes.Config = (isReturn ? 1ul << ReturnBit : 0) | (CounterShift is { } shift ? counterOffset << shift : 0);
        return attributes;
    }

    // "8", "config:0", "config:32-63".
    private static int? Number(IKernel kernel, string file, string prefix)
    {
        string? text = kernel.TryReadText(Root + file, out _)?.Trim();
        if (text is null || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        ReadOnlySpan<char> number = text.AsSpan(prefix.Length);
        int dash = number.IndexOf('-');
        return int.TryParse(dash < 0 ? number : number[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
    }
}
