namespace Hypermesh.Bpf.Compilation;

/// <summary>The limits of a compilation.</summary>
public enum BpfCompilationLimit
{
    /// <summary>No limit was reached.</summary>
    None,

    /// <summary>The time that clang may compute: 5 seconds.</summary>
    CpuTime,

    /// <summary>The time until clang has to end: 12 seconds.</summary>
    WallClock,

    /// <summary>The memory that clang may use: 1 GiB.</summary>
    AddressSpace,

    /// <summary>The size of a file that clang may write: 16 MiB.</summary>
    FileSize,
}
