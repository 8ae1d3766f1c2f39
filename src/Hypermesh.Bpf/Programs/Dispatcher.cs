using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Programs;

/// <summary>
/// A program that calls another one by a tail call, and stays attached while that one is replaced: the kernel cannot give the link of a tracing program another program. It has an array of its own with
/// one element, the slot. The kernel compares little of a program with the hook when it is put there, so <see cref="IsSameHook"/> and <see cref="CanCall"/> do.
/// </summary>
internal sealed unsafe class Dispatcher : IDisposable
{
    /// <summary>The program that is attached.</summary>
    internal required BpfHandle Program { get; init; }

    /// <summary>The program array. The kernel empties it when no descriptor and no pin holds it.</summary>
    internal required BpfMapHandle Slot { get; init; }

    /// <summary>An array with one number: the calls for which the slot was empty.</summary>
    internal required BpfMapHandle Misses { get; init; }

    /// <summary>How far it reads into the context of a tracepoint, in bytes: the kernel checked that when it was attached, so no program that it calls may read farther.</summary>
    internal int ContextEnd { get; init; }

    /// <summary>Whether a program may take the place of another one: the kernel (5.10, 6.1, in part all) also accepts programs whose arguments were verified for another hook.</summary>
    internal static bool IsSameHook(BpfProgramDescriptor one, BpfProgramDescriptor other)
        => one.Type == other.Type && one.AttachType == other.AttachType && one.AttachBtfId == other.AttachBtfId && one.Target == other.Target && one.Flags == other.Flags;

    internal bool CanCall(BpfProgramDescriptor program) => program.ContextEnd <= ContextEnd;

    /// <summary>Makes a program the one that is called. The old one may still run until a grace period has passed.</summary>
    internal void Call(BpfHandle program, string name)
    {
        using HandleUse use = program.Use();
        int index = 0, descriptor = use.Descriptor;
        long result = MapCalls.Update(Slot, &index, &descriptor, UpdateMode.Any);
        if (result < 0)
        {
            throw MapElementErrors.Of(Slot, BpfCommand.MapUpdateElement, result, $"Making {name} the program that its dispatcher calls");
        }
    }

    /// <summary>How often the slot was empty.</summary>
    internal ulong ReadMisses()
    {
        int index = 0;
        ulong misses = 0;
        MapCalls.Lookup(Misses, &index, &misses);
        return misses;
    }

    public void Dispose()
    {
        var teardown = default(Teardown);
        teardown.End(Program);
        teardown.End(Slot);
        teardown.End(Misses);
        teardown.Report();
    }
}
