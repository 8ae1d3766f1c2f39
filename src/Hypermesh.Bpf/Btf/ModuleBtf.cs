using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>The types of one module of the running kernel (5.11), based on the kernel's own, and the descriptor by which programs refer to them.</summary>
/// <param name="btf">The module's BTF, which this owns.</param>
/// <param name="types">Its types.</param>
internal sealed class ModuleBtf(LoadedBtf btf, BtfTypes types) : IDisposable
{
    internal string Name => btf.Name;

    internal BpfHandle Handle => btf.Handle;

    internal BtfTypes Types => types;

    public void Dispose() => btf.Dispose();
}
