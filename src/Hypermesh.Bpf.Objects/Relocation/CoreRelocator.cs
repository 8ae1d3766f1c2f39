using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>The signature the linker builds on; the CORE helper's branch replaces this whole file.</summary>
public sealed class CoreRelocator
{
    /// <summary>Not yet.</summary>
    public CoreRelocator(BtfTypes local, IReadOnlyList<BtfTypes> targets, string objectName)
    {
    }

    /// <summary>Not yet.</summary>
    public CoreOutcome Apply(CoreRelocation relocation, Span<BpfInstruction> instructions, int index, string programName) => throw new NotSupportedException("CO-RE is on its way");

    /// <summary>Not yet.</summary>
    public string Describe(CoreRelocation relocation) => throw new NotSupportedException("CO-RE is on its way");
}

/// <summary>Not yet.</summary>
public readonly record struct CoreOutcome(bool IsPoisoned, ulong LocalValue, ulong TargetValue);
