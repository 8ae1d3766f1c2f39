using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>
/// Instructions of one program, tracked through all changes by the verifier and the JIT (<c>BPF_MAP_TYPE_INSN_ARRAY</c>, 6.19); programs jump through it
/// (<c>gotox</c>). It is filled and frozen (<see cref="BpfMapHandle.Freeze"/>) before the one program that uses it is loaded. Jump tables of the compiler
/// (<c>.jumptables</c>) are created and filled by the loader and are not among the maps of an object.
/// </summary>
public sealed unsafe class BpfInstructionArray : BpfMap
{
    internal const int EntrySize = 16;

    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfInstructionArray(BpfMapHandle handle)
        : base(handle, [BpfMapType.InsnArray])
    {
        CheckKey<int>();
        CheckValue<BpfInstructionPlace>();
    }

    /// <summary>The number of elements.</summary>
    public int Count => (int)MapHandle.MaxEntries;

    /// <summary>Reads the current positions of an instruction; allocates nothing.</summary>
    /// <param name="index">The index of the element.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfInstructionPlace this[int index]
    {
        get
        {
            this.CheckIndex(index);
            BpfInstructionPlace place;
            this.WasFound(MapCalls.Lookup(MapHandle, &index, &place), BpfCommand.MapLookupElement, "Reading");
            return place;
        }
    }

    /// <summary>Sets the instruction that an element tracks; allocates nothing.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="instruction">The instruction of the program as it will be loaded, counted from 0; not the second half of a 64-bit load.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; as <see cref="BpfPermissionException"/> when the map is frozen.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Set(int index, int instruction)
    {
        this.CheckIndex(index);
        ArgumentOutOfRangeException.ThrowIfNegative(instruction);
        var place = new BpfInstructionPlace((uint)instruction);
        this.Updated(MapCalls.Update(MapHandle, &index, &place, UpdateMode.Any), UpdateMode.Any);
    }
}

/// <summary>The positions of an instruction in each form of its program (<c>struct bpf_insn_array_value</c>).</summary>
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

    /// <summary>The index of the instruction in the program as loaded.</summary>
    public int Original => (int)_original;

    /// <summary>The index of the instruction after the verifier; null if the verifier removed it. 0 until a program that uses the map is loaded.</summary>
    public int? Translated => _translated == Deleted ? null : (int)_translated;

    /// <summary>The offset in the machine code of its function, in bytes; 0 until a program that uses the map is loaded.</summary>
    public int Compiled => (int)_compiled;
}
