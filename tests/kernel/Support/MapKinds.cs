using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Maps of kinds not every kernel has.</summary>
internal static class MapKinds
{
    /// <summary>The smallest types there are, for kinds that must have some.</summary>
    internal static BpfHandle OneInteger() => new(LinuxKernel.Instance, BtfCalls.TryLoad(LinuxKernel.Instance, ProbeTypes.OneInteger()));

    /// <summary>Runs a raw tracepoint program once, with one argument (5.10).</summary>
    internal static int Run(this BpfProgram program, ulong argument)
        => new BpfSyscallProgram(program.Descriptor).Run(ref argument);
}
