using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>Programs for tail calls (<c>BPF_MAP_TYPE_PROG_ARRAY</c>, 4.2). All have one type, which the first program that uses the map determines. The kernel clears the map when user space no longer has it open.</summary>
public sealed unsafe class BpfProgramArray : BpfDescriptorArray
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfProgramArray(BpfMapHandle handle)
        : base(handle, BpfMapType.ProgArray)
    {
    }

    /// <summary>Sets the program of an element, which tail calls to the element run from now on.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="program">The program.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the program does not have the type of the map's programs.</exception>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    public void Set(int index, BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        Put(index, program.Loaded, () => ProgramArrayOwner.Explain(MapHandle, program));
    }

    /// <summary>Gets the ID of the program in an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="programId">The kernel's ID of the program.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGetProgramId(int index, out uint programId)
    {
        this.CheckIndex(index);
        fixed (uint* id = &programId)
        {
            *id = 0;
            return this.WasFound(MapCalls.Lookup(MapHandle, &index, id), BpfCommand.MapLookupElement, "Reading");
        }
    }
}
