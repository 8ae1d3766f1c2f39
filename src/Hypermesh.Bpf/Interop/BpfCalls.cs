namespace Hypermesh.Bpf.Interop;

/// <summary>Commands of <c>bpf(2)</c> that several namespaces use, without error handling.</summary>
internal static unsafe class BpfCalls
{
    /// <summary>BPF_LINK_CREATE (5.7): the descriptor, or the negative errno.</summary>
    internal static long CreateLink(IKernel kernel, ref LinkCreateAttr attributes)
    {
        fixed (LinkCreateAttr* start = &attributes)
        {
            return kernel.Bpf(BpfCommand.LinkCreate, start, (uint)sizeof(LinkCreateAttr));
        }
    }
}
