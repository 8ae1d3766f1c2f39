using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Monitoring.Files;

/// <summary>A system call that is counted.</summary>
/// <param name="Row">Its row among the program's counters.</param>
/// <param name="Name">Its name.</param>
/// <param name="Operation">What it does.</param>
/// <param name="X64">Its number on x86-64; -1 for none.</param>
/// <param name="Others">Its number on the architectures that came later (arm64, riscv64); -1 for none.</param>
internal sealed record FileCall(int Row, string Name, FileOperation Operation, int X64, int Others)
{
    /// <summary>All of them, in the order of the rows.</summary>
    internal static readonly FileCall[] All =
    [
        new(0, "open", FileOperation.Open, 2, -1),
        new(1, "creat", FileOperation.Open, 85, -1),
        new(2, "openat", FileOperation.Open, 257, 56),
        new(3, "openat2", FileOperation.Open, 437, 437),
        new(4, "open_by_handle_at", FileOperation.Open, 304, 265),
        new(5, "unlink", FileOperation.Unlink, 87, -1),
        new(6, "rmdir", FileOperation.Unlink, 84, -1),
        new(7, "unlinkat", FileOperation.Unlink, 263, 35),
        new(8, "rename", FileOperation.Rename, 82, -1),
        new(9, "renameat", FileOperation.Rename, 264, 38),
        new(10, "renameat2", FileOperation.Rename, 316, 276),
    ];

    /// <summary>The first row of the operations of io_uring.</summary>
    internal const int FirstRingRow = 11;

    private static readonly string[] s_functions = ["__x64_sys_", "__arm64_sys_", "__riscv_sys_"];

    /// <summary>Its number on this machine; null where the architecture does not have it.</summary>
    internal int? Number => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Of(X64) : Of(Others);

    /// <summary>The name of the classic tracepoint of its return.</summary>
    internal string Tracepoint => "sys_exit_" + Name;

    /// <summary>The calls whose classic tracepoints a monitor can use.</summary>
    /// <param name="kernel">The kernel's types.</param>
    /// <param name="facts">What this machine allows; null to go by the types alone, which may be another kernel's.</param>
    internal static IReadOnlyList<FileCall> Traced(BtfTypes kernel, HookFacts? facts) => facts is null ? Traced(kernel) : facts.HasTraceFs ? Traced() : [];

    // CONFIG_FTRACE_SYSCALLS makes the tracepoints of the calls that the kernel has.
    private static IReadOnlyList<FileCall> Traced(BtfTypes kernel)
        => kernel.Find("syscall_trace_exit", BtfKind.Struct) == 0 ? []
            : [.. All.Where(call => Array.Exists(s_functions, prefix => kernel.Find(prefix + call.Name, BtfKind.Function) != 0))];

    // None where tracefs cannot be read, or where the kernel has no CONFIG_FTRACE_SYSCALLS.
    private static IReadOnlyList<FileCall> Traced()
        => [.. All.Where(static call => TraceFs.EventFolders.Any(events => File.Exists($"{events}/syscalls/{call.Tracepoint}/id")))];

    private static int? Of(int number) => number < 0 ? null : number;
}
