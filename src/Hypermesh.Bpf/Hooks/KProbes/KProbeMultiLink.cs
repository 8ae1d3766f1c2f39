namespace Hypermesh.Bpf;

/// <summary>Probes of many kernel functions by one link (5.18), of entry, of return, or of both as a session (6.10).</summary>
internal static unsafe class KProbeMultiLink
{
    private const uint ReturnFlag = 1;

    internal static DescriptorLink OpenNames(in LinkRequest request, int program, BpfAttachType type, bool isReturn, IReadOnlyList<string> functions, IReadOnlyList<ulong>? cookies)
    {
        using var names = new NativeStrings(functions);
        fixed (nint* start = names.Pointers)
        {
            LinkCreateAttr attributes = Attributes(program, type, isReturn, functions.Count);
            attributes.KprobeMultiSyms = (ulong)start;
            long result = Create(request, attributes, cookies);
            return result >= 0 ? new DescriptorLink(new BpfHandle(request.Kernel, result))
                : result is -Errno.ESRCH or -Errno.ENOENT ? throw MissingOf(request, functions)
                : throw request.Error(BpfCommand.LinkCreate, result, LinkFeatures.KProbeMultiLink);
        }
    }

    internal static DescriptorLink OpenAddresses(in LinkRequest request, int program, BpfAttachType type, bool isReturn, ulong[] addresses, IReadOnlyList<ulong>? cookies)
    {
        fixed (ulong* start = addresses)
        {
            LinkCreateAttr attributes = Attributes(program, type, isReturn, addresses.Length);
            attributes.KprobeMultiAddrs = (ulong)start;
            long result = Create(request, attributes, cookies);
            return result >= 0 ? new DescriptorLink(new BpfHandle(request.Kernel, result)) : throw request.Error(BpfCommand.LinkCreate, result, LinkFeatures.KProbeMultiLink);
        }
    }

    private static LinkCreateAttr Attributes(int program, BpfAttachType type, bool isReturn, int count)
    {
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.AttachType = (uint)type;
        attributes.KprobeMultiFlags = isReturn ? ReturnFlag : 0;
        attributes.KprobeMultiCnt = (uint)count;
        return attributes;
    }

    private static long Create(in LinkRequest request, LinkCreateAttr attributes, IReadOnlyList<ulong>? cookies)
    {
        if (cookies is not null && cookies.Count != attributes.KprobeMultiCnt)
        {
            throw new BpfException(
                $"Program {request.ProgramName}: {cookies.Count} cookies for {attributes.KprobeMultiCnt} functions; each has one.", request.ObjectName, request.ProgramName);
        }

        fixed (ulong* start = cookies is null ? null : (ulong[])[.. cookies])
        {
            attributes.KprobeMultiCookies = (ulong)start;
            return BpfCalls.CreateLink(request.Kernel, ref attributes);
        }
    }

    // The kernel does not say which of them it has not.
    private static BpfFeatureNotSupportedException MissingOf(in LinkRequest request, IReadOnlyList<string> functions)
        => KernelFunctions.FirstMissing(request.Kernel, functions) is { } function
            ? KernelFunctions.Missing(request, function, "BPF_LINK_CREATE")
            : request.Absent($"One of {string.Join(", ", functions)}", "functions that can be traced", "BPF_LINK_CREATE", Errno.ESRCH);
}
