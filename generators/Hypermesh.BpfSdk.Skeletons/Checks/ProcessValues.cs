using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>The place in a program's context of the values that a process passed: the arguments of a system call, or the registers of the process.</summary>
/// <param name="First">The first byte of the context that holds such a value.</param>
/// <param name="ArePassed">True where the context holds the values themselves; false where it holds a pointer to them in the kernel's memory.</param>
internal readonly record struct ProcessValues(int First, bool ArePassed)
{
    // The common header of a tracepoint and the number of the system call.
    private const int BeforeArguments = 16;

    private static readonly string[] s_wrappers = ["__x64_sys_", "__ia32_sys_", "__arm64_sys_", "__riscv_sys_", "__s390x_sys_", "__s390_sys_"];

    /// <summary>No such values.</summary>
    public static ProcessValues None => new(int.MaxValue, false);

    /// <summary>True where the context holds such a value.</summary>
    public bool Holds(int offset) => offset >= First;

    /// <summary>The values of a program, by what it is attached to.</summary>
    public static ProcessValues Of(BpfProgramSpec program)
    {
        string target = program.Target ?? "";
        return program.Section.Attach switch
        {
            AttachKind.UProbe or AttachKind.UProbeMulti or AttachKind.Usdt => new ProcessValues(0, true),
            AttachKind.Tracepoint when target.StartsWith("syscalls/sys_enter_", StringComparison.Ordinal) || target == "raw_syscalls/sys_enter" => new ProcessValues(BeforeArguments, true),
            AttachKind.KernelSyscall => new ProcessValues(0, false),
            AttachKind.KProbe or AttachKind.KProbeMulti or AttachKind.KProbeSession or AttachKind.Trace when Array.Exists(s_wrappers, prefix => target.StartsWith(prefix, StringComparison.Ordinal)) => new ProcessValues(0, false),
            AttachKind.RawTracepoint or AttachKind.Trace when target is "sys_enter" or "sys_exit" => new ProcessValues(0, false),
            _ => None,
        };
    }
}
