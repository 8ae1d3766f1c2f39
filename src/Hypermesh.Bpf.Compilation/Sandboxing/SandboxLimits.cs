namespace Hypermesh.Bpf.Compilation.Sandboxing;

/// <summary>What one compilation may use.</summary>
internal sealed record SandboxLimits
{
    private const long Mebibyte = 1 << 20;

    internal TimeSpan CpuTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Ends what uses no CPU time, such as a read of a pipe that nobody writes to.</summary>
    internal TimeSpan WallClock { get; init; } = TimeSpan.FromSeconds(12);

    internal long AddressSpace { get; init; } = 1024 * Mebibyte;

    internal long FileSize { get; init; } = 16 * Mebibyte;

    internal int OpenFiles { get; init; } = 64;

    /// <summary>The bytes of clang's output that are kept.</summary>
    internal int Output { get; init; } = 64 * 1024;

    /// <summary>Describes a limit, for messages.</summary>
    internal string Describe(BpfCompilationLimit limit) => limit switch
    {
        BpfCompilationLimit.CpuTime => $"the limit of {CpuTime.TotalSeconds:0.#} s of CPU time (RLIMIT_CPU)",
        BpfCompilationLimit.WallClock => $"the limit of {WallClock.TotalSeconds:0.#} s of time (wall clock)",
        BpfCompilationLimit.AddressSpace => $"the limit of {AddressSpace / Mebibyte} MiB of memory (RLIMIT_AS)",
        BpfCompilationLimit.FileSize => $"the limit of {FileSize / Mebibyte} MiB for a file (RLIMIT_FSIZE)",
        _ => "",
    };
}
