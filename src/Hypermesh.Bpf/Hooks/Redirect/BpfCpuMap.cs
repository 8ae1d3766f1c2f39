using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>CPUs to redirect packets to (<c>BPF_MAP_TYPE_CPUMAP</c>, 4.15), by CPU number.</summary>
public sealed unsafe class BpfCpuMap : BpfMap
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfCpuMap(BpfMapHandle handle)
        : base(handle, [BpfMapType.CpuMap])
    {
        CheckKey<int>();
    }

    /// <summary>Sets the queue of a CPU for packets redirected to it.</summary>
    /// <param name="cpu">The CPU's number.</param>
    /// <param name="queueSize">The number of packets its queue holds, at most 16384.</param>
    /// <param name="program">The program that runs on packets there, of section <c>xdp/cpumap</c>; null for none.</param>
    /// <exception cref="BpfException">The map's values cannot hold a program, or the program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Set(int cpu, uint queueSize, BpfProgram? program = null)
    {
        this.CheckIndex(cpu);
        RedirectValue.Set(this, &cpu, queueSize, program);
    }

    /// <summary>Reads an element.</summary>
    /// <param name="cpu">The CPU's number.</param>
    /// <param name="entry">The value of the element.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGet(int cpu, out BpfRedirectEntry entry)
    {
        this.CheckIndex(cpu);
        return RedirectValue.TryGet(this, &cpu, out entry);
    }

    /// <summary>Clears an element.</summary>
    /// <param name="cpu">The CPU's number.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Remove(int cpu)
    {
        this.CheckIndex(cpu);
        this.WasFound(MapCalls.Delete(MapHandle, &cpu), BpfCommand.MapDeleteElement, "Removing from");
    }
}
