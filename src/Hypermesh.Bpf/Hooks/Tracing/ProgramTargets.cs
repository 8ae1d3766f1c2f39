using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf;

/// <summary>Sets, before a program is loaded, which function of which other program it is for.</summary>
public static class ProgramTargets
{
    /// <summary>
    /// Aims a program at a function of another program, which is loaded: a replacement (<c>freplace</c>, 5.6), or one at its entry or exit (<c>fentry</c>, <c>fexit</c>, 5.6).
    /// </summary>
    /// <param name="spec">The program that will be loaded.</param>
    /// <param name="target">The live program; it must stay loaded until the other one is.</param>
    /// <param name="function">A function of the target that is not static and not inlined; null for the one the section names.</param>
    /// <remarks>Loading it needs CAP_SYS_ADMIN, since types of another program are opened by their number.</remarks>
    public static void SetTarget(this ProgramSpec spec, BpfProgram target, string? function = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(target);
        spec.TargetProgram = target;
        spec.TargetFunction = function;
    }
}
