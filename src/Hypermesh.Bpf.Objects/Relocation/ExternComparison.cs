using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>Whether what the C declares extern is what the kernel has under that name: the same loose comparison CO-RE makes of types.</summary>
internal sealed class ExternComparison(BpfObjectSpec spec, ExternSpec @extern) : ITypeComparison
{
    private const int MaximumWork = 100_000;

    private int _work;

    /// <summary>Compares the type of a variable, or the prototype of a function.</summary>
    /// <param name="target">The kernel's or a module's types.</param>
    /// <param name="id">The variable or function among them.</param>
    public bool Agrees(BtfTypes target, int id)
    {
        BtfTypes local = spec.Btf!;
        return CoreTypeCompatibility.TypesAgree(
            this, local, local.SkipModifiers(local[@extern.TypeId].TypeId), target, target.SkipModifiers(target[id].TypeId));
    }

    /// <inheritdoc/>
    public void Work(BtfTypes target)
    {
        if (++_work > MaximumWork)
        {
            throw Unfit($"comparing with the types of {target.Source} does not end: its types contain themselves");
        }
    }

    /// <inheritdoc/>
    public BpfException Unfit(string problem) => new($"extern '{@extern.Name}' of {spec.Name}: {problem}", spec.Name, @extern.Name);
}
