using System.Text;

namespace Hypermesh.Bpf;

/// <summary>Probes of many places of a user program or library by one link (6.6), of entry, of return, or of both as a session (6.13).</summary>
internal static unsafe class UProbeMultiLink
{
    private const uint ReturnFlag = 1;

    internal static DescriptorLink Open(in LinkRequest request, int program, BpfAttachType type, string path, bool isReturn, ulong[] offsets, UProbeMultiOptions options)
    {
        CheckCount(request, offsets, options.Cookies, "cookies");
        CheckCount(request, offsets, options.ReferenceCounterOffsets, "reference counters");
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        fixed (ulong* places = offsets)
        fixed (ulong* cookies = options.Cookies is null ? null : (ulong[])[.. options.Cookies])
        fixed (ulong* counters = options.ReferenceCounterOffsets is null ? null : (ulong[])[.. options.ReferenceCounterOffsets])
        {
            LinkCreateAttr attributes = default;
            attributes.ProgFd = (uint)program;
            attributes.AttachType = (uint)type;
            attributes.UprobeMultiPath = (ulong)name;
            attributes.UprobeMultiOffsets = (ulong)places;
            attributes.UprobeMultiRefCtrOffsets = (ulong)counters;
            attributes.UprobeMultiCookies = (ulong)cookies;
            attributes.UprobeMultiCnt = (uint)offsets.Length;
            attributes.UprobeMultiFlags = isReturn ? ReturnFlag : 0;
            attributes.UprobeMultiPid = (uint)(options.ProcessId ?? 0);
            return KernelLink.Create(request, ref attributes, LinkFeatures.UProbeMultiLink);
        }
    }

    private static void CheckCount(in LinkRequest request, ulong[] offsets, IReadOnlyList<ulong>? numbers, string what)
    {
        if (numbers is not null && numbers.Count != offsets.Length)
        {
            throw new BpfException($"Program {request.ProgramName}: {numbers.Count} {what} for {offsets.Length} places of {request.Target}; each has one.", request.ObjectName, request.ProgramName);
        }
    }
}
