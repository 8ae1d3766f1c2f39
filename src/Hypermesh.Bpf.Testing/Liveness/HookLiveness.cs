using System.Globalization;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// Assertions that a hook fires. A program may be loaded and attached and still see nothing: the kernel may not call the function any more, or the program may return before it counts. So the
/// test causes the event, and looks at what the program counted.
/// </summary>
public static class HookLiveness
{
    /// <summary>Fails unless a stimulus raises a program's own count by at least a number.</summary>
    /// <param name="program">The program, which is attached.</param>
    /// <param name="count">Reads what the program has counted, such as a global or the sum of a map.</param>
    /// <param name="stimulus">Causes the events: one of <see cref="Stimulus"/>, or your own.</param>
    /// <param name="atLeast">The number of events that the stimulus causes.</param>
    /// <exception cref="BpfBlindHookException">The count rose by less. The message says whether the program is attached.</exception>
    public static void AssertFires(BpfProgram program, Func<ulong> count, Action stimulus, ulong atLeast = 1)
    {
        ulong rose = Measure(program, count, stimulus);
        if (rose < atLeast)
        {
            throw new BpfBlindHookException(program, string.Create(CultureInfo.InvariantCulture, $"counted {rose} events, but the stimulus caused at least {atLeast}"));
        }
    }

    /// <summary>Fails unless a stimulus raises a program's own count by exactly a number. Nothing else on the machine may cause the event: filter by process, interface or cgroup.</summary>
    /// <param name="program">The program, which is attached.</param>
    /// <param name="count">Reads what the program has counted.</param>
    /// <param name="stimulus">Causes the events.</param>
    /// <param name="exactly">The number of events that the stimulus causes.</param>
    /// <exception cref="BpfBlindHookException">The count rose by another number.</exception>
    public static void AssertFiresExactly(BpfProgram program, Func<ulong> count, Action stimulus, ulong exactly)
    {
        ulong rose = Measure(program, count, stimulus);
        if (rose != exactly)
        {
            throw new BpfBlindHookException(program, string.Create(CultureInfo.InvariantCulture, $"counted {rose} events, but the stimulus caused {exactly}"));
        }
    }

    private static ulong Measure(BpfProgram program, Func<ulong> count, Action stimulus)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(count);
        ArgumentNullException.ThrowIfNull(stimulus);
        ulong before = count();
        stimulus();
        return count() - before;
    }
}

/// <summary>A program did not count the events that a test caused.</summary>
public sealed class BpfBlindHookException : Exception
{
    internal BpfBlindHookException(BpfProgram program, string what)
        : base($"Program {program.Name} {what}; {State(program)}.")
        => ProgramName = program.Name;

    /// <summary>The name of the program.</summary>
    public string ProgramName { get; }

    private static string State(BpfProgram program)
        => !program.IsLoaded ? "it is not loaded"
            : program.Links.Count == 0 ? "it is loaded but not attached"
            : "it is attached: either the kernel does not call this hook for the event, or the program returns before it counts";
}
