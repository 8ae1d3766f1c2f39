using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>Where an instruction is in each form of its program (<c>struct bpf_insn_array_value</c>).</summary>
[StructLayout(LayoutKind.Explicit, Size = BpfInstructionArray.EntrySize)]
public readonly struct BpfInstructionPlace
{
    private const uint Deleted = uint.MaxValue;

    [FieldOffset(0)]
    private readonly uint _original;

    [FieldOffset(4)]
    private readonly uint _translated;

    [FieldOffset(8)]
    private readonly uint _compiled;

    internal BpfInstructionPlace(uint original) => _original = original;

    /// <summary>The instruction of the program as it was loaded.</summary>
    public int Original => (int)_original;

    /// <summary>The instruction the verifier made of it; null where the verifier took it out. Until a program is loaded that uses the map, 0.</summary>
    public int? Translated => _translated == Deleted ? null : (int)_translated;

    /// <summary>The byte of the machine code, counted from the first of its function; until a program is loaded that uses the map, 0.</summary>
    public int Compiled => (int)_compiled;
}
