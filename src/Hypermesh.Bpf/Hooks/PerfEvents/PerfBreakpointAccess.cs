namespace Hypermesh.Bpf;

/// <summary>Which accesses a breakpoint counts (<c>HW_BREAKPOINT_*</c>).</summary>
[Flags]
public enum PerfBreakpointAccess : uint
{
    /// <summary>Reads; x86 counts them with writes only.</summary>
    Read = 1,

    /// <summary>Writes.</summary>
    Write = 2,

    /// <summary>Reads and writes.</summary>
    ReadWrite = Read | Write,

    /// <summary>The instruction there is run.</summary>
    Execute = 4,
}
