using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Loading;

/// <summary>The attach type a program is loaded for on this kernel: the section's, but for static probes, which become one link of many where the kernel has those.</summary>
internal static class AttachTypes
{
    internal static BpfAttachType Of(IKernel kernel, ProgramSpec program)
        => program.Enabled && program.Section.Flags.HasFlag(SectionFlags.Usdt) && LinkFeatures.UProbeMultiLink.Has(kernel)
            ? BpfAttachType.TraceUProbeMulti
            : program.ExpectedAttachType;
}
