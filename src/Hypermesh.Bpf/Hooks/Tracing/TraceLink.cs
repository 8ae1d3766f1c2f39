namespace Hypermesh.Bpf;

/// <summary>A program that was loaded for a kernel type: tracepoint, function entry or exit, security hook (5.5; with a cookie 5.19).</summary>
internal static class TraceLink
{
    /// <summary>Attaches where the program was loaded for.</summary>
    /// <param name="request">For whom.</param>
    /// <param name="program">The program's descriptor.</param>
    /// <param name="type">What it was loaded as.</param>
    /// <param name="cookie">A number for the program to read, 0 for none.</param>
    internal static DescriptorLink Open(in LinkRequest request, int program, BpfAttachType type, ulong cookie)
    {
        // The older call knows no cookies and no sessions; where neither is wanted it does on all kernels what the newer one does.
        if (cookie == 0 && type != BpfAttachType.TraceFSession)
        {
            return RawTracepointLink.Open(request, program, name: null);
        }

        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.AttachType = (uint)type;
        attributes.TracingCookie = cookie;
        long result = BpfCalls.CreateLink(request.Kernel, ref attributes);
        return result >= 0 ? new DescriptorLink(new BpfHandle(request.Kernel, result))
            : cookie != 0 && result is -Errno.EINVAL or -Errno.E2BIG ? throw request.Absent("A cookie of a program for a kernel type", "Linux 5.19", "BPF_LINK_CREATE", (int)-result)
            : throw request.Error(BpfCommand.LinkCreate, result);
    }

    /// <summary>Puts a replacement in the place of a function of another program than it was loaded for (5.10).</summary>
    internal static DescriptorLink OpenExtension(in LinkRequest request, int program, int target, int function)
    {
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetFd = (uint)target;
        attributes.TracingTargetBtfId = (uint)function;
        return KernelLink.Create(request, ref attributes);
    }
}
