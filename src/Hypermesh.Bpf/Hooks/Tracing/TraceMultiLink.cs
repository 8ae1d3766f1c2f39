namespace Hypermesh.Bpf;

/// <summary>A typed program at many kernel functions by one link (7.2): at entry, at exit, or at both as a session.</summary>
internal static unsafe class TraceMultiLink
{
    private const string NotAllowed =
        "The kernel takes all of them or none, and one may be on its list of those that may not be traced, may not be slept in, or never returns; leave that one out.";

    internal static DescriptorLink Open(in LinkRequest request, int program, BpfAttachType type, TracedFunctions known, int[] ids, IReadOnlyList<ulong>? cookies)
    {
        Check(request, ids, cookies);
        fixed (int* functions = ids)
        fixed (ulong* numbers = cookies is null ? null : (ulong[])[.. cookies])
        {
            LinkCreateAttr attributes = default;
            attributes.ProgFd = (uint)program;
            attributes.AttachType = (uint)type;
            attributes.TracingMultiIds = (ulong)functions;
            attributes.TracingMultiCookies = (ulong)numbers;
            attributes.TracingMultiCnt = (uint)ids.Length;
            long result = BpfCalls.CreateLink(request.Kernel, ref attributes);
            return result >= 0 ? new DescriptorLink(new BpfHandle(request.Kernel, result)) : throw Failure(request, known, ids, result);
        }
    }

    private static void Check(in LinkRequest request, int[] ids, IReadOnlyList<ulong>? cookies)
    {
        string? wrong = ids.Length == 0 ? "no function was named"
            : cookies is not null && cookies.Count != ids.Length ? $"{cookies.Count} cookies for {ids.Length} functions; each has one"
            : ids.Distinct().Count() != ids.Length ? "a function was named twice"
            : null;
        if (wrong is not null)
        {
            throw new BpfException($"Program {request.ProgramName}: {wrong}.", request.ObjectName, request.ProgramName);
        }
    }

    private static BpfSyscallException Failure(in LinkRequest request, TracedFunctions known, int[] ids, long result) => (int)-result switch
    {
        Errno.ENOENT when known.FirstUntraceable(request.Kernel, ids) is { } function => KernelFunctions.Missing(request, function, "BPF_LINK_CREATE"),
        Errno.EOPNOTSUPP when !LinkFeatures.TracingMultiLink.Has(request.Kernel) && FeatureNeeds.Of(BpfFeature.TracingMultiLink) is var (name, needs)
            => request.Absent(name, needs, "BPF_LINK_CREATE", Errno.EOPNOTSUPP),
        Errno.EINVAL => request.Error(BpfCommand.LinkCreate, result, LinkFeatures.TracingMultiLink, NotAllowed),
        _ => request.Error(BpfCommand.LinkCreate, result),
    };
}
