using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>
/// Instructions of one program, followed through all the verifier and the compiler do to them (<c>BPF_MAP_TYPE_INSN_ARRAY</c>, 6.19); programs jump through it
/// (<c>gotox</c>). It is filled and frozen (<see cref="BpfMapHandle.Freeze"/>) before the one program that uses it is loaded. Jump tables the compiler makes
/// (<c>.jumptables</c>) are made and filled by the loader and are not among the maps of an object.
/// </summary>
public sealed unsafe class BpfInstructionArray : BpfMap
{
    internal const int EntrySize = 16;

    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfInstructionArray(BpfMapHandle handle)
        : base(handle, [BpfMapType.InsnArray])
    {
        CheckKey<int>();
        CheckValue<BpfInstructionPlace>();
    }

    /// <summary>How many elements there are.</summary>
    public int Count => (int)Handle.MaxEntries;

    /// <summary>Reads where an instruction is now; allocates nothing.</summary>
    /// <param name="index">The element.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfInstructionPlace this[int index]
    {
        get
        {
            this.CheckIndex(index);
            BpfInstructionPlace place;
            this.WasFound(MapCalls.Lookup(Handle, &index, &place), BpfCommand.MapLookupElement, "Reading");
            return place;
        }
    }

    /// <summary>Says which instruction an element follows; allocates nothing.</summary>
    /// <param name="index">The element.</param>
    /// <param name="instruction">The instruction of the program as it will be loaded, counted from 0; not the second half of a 64-bit load.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; as <see cref="BpfPermissionException"/> when the map is frozen.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Set(int index, int instruction)
    {
        this.CheckIndex(index);
        ArgumentOutOfRangeException.ThrowIfNegative(instruction);
        var place = new BpfInstructionPlace((uint)instruction);
        this.Updated(MapCalls.Update(Handle, &index, &place, UpdateMode.Any), UpdateMode.Any);
    }
}

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
