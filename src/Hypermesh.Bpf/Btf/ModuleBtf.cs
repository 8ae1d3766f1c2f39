using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>The types of one module of the running kernel (5.11), on top of the kernel's own, and the descriptor programs refer to them by.</summary>
/// <param name="btf">The module's BTF, which this owns.</param>
/// <param name="types">Its types.</param>
internal sealed class ModuleBtf(LoadedBtf btf, BtfTypes types) : IDisposable
{
    internal string Name => btf.Name;

    internal BpfHandle Handle => btf.Handle;

    internal BtfTypes Types => types;

    public void Dispose() => btf.Dispose();
}
