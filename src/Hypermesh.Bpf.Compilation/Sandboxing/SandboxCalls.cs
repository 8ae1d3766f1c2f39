using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Compilation.Sandboxing;

/// <summary>
/// The system calls of the launcher, as the kernel has them. The C library's setresuid changes every thread and needs signals; here one thread lives on, the one that becomes the program.
/// </summary>
internal static unsafe partial class SandboxCalls
{
    private const long DeathSignal = 1;
    private const long NoNewPrivileges = 38;
    private const long Kill = 9;

    private static readonly bool s_isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    internal static int SetGroups() => Call(s_isArm ? 159 : 116, 0, 0);

    internal static int SetGroup(uint group) => Call(s_isArm ? 149 : 119, group, group, group);

    internal static int SetUser(uint user) => Call(s_isArm ? 147 : 117, user, user, user);

    internal static int DieWithParent() => Call(Prctl, DeathSignal, Kill);

    internal static int GiveUpNewPrivileges() => Call(Prctl, NoNewPrivileges, 1, 0, 0, 0);

    internal static int ParentId() => Call(s_isArm ? 173 : 110);

    internal static int UserId() => Call(s_isArm ? 174 : 102);

    internal static int ChangeOwner(string path, uint user, uint group)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            const long CurrentDirectory = -100;
            const long NoFollow = 0x100;
            return Call(s_isArm ? 54 : 260, CurrentDirectory, text, user, group, NoFollow);
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    /// <summary>Sets a limit of this process; a hard limit that is lower already stays.</summary>
    internal static int SetLimit(ResourceLimit limit, long soft, long hard)
    {
        ulong* held = stackalloc ulong[2];
        int result = Call(PrLimit, 0, (long)limit, 0, (long)held);
        if (result < 0)
        {
            return result;
        }

        held[1] = Math.Min(held[1], (ulong)hard);
        held[0] = Math.Min(held[1], (ulong)soft);
        return Call(PrLimit, 0, (long)limit, (long)held);
    }

    /// <summary>Becomes the program; returns only when that fails.</summary>
    internal static int Execute(byte* path, byte** arguments, byte** environment) => Call(s_isArm ? 221 : 59, (long)path, (long)arguments, (long)environment);

    internal static int WriteError(ReadOnlySpan<byte> text)
    {
        const long StandardError = 2;
        fixed (byte* start = text)
        {
            return Call(s_isArm ? 64 : 1, StandardError, (long)start, text.Length);
        }
    }

    internal static int CreateRuleset(void* attributes, long size, long flags) => Call(444, (long)attributes, size, flags);

    internal static int AddRule(int ruleset, long type, void* attributes) => Call(445, ruleset, type, (long)attributes, 0);

    internal static int RestrictSelf(int ruleset) => Call(446, ruleset, 0);

    internal static int OpenPath(string path)
    {
        const long CurrentDirectory = -100;
        const long PathOnlyCloseOnExec = 0x200000 | 0x80000;
        nint text = Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            return Call(s_isArm ? 56 : 257, CurrentDirectory, text, PathOnlyCloseOnExec, 0);
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    /// <summary>Fills a struct statx, following links.</summary>
    internal static int FileFacts(string path, byte[] facts)
    {
        const long CurrentDirectory = -100;
        const long BasicFacts = 0x7ff;
        nint text = Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            fixed (byte* buffer = facts)
            {
                return Call(s_isArm ? 291 : 332, CurrentDirectory, text, 0, BasicFacts, (long)buffer);
            }
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    internal static int Close(int descriptor) => Call(s_isArm ? 57 : 3, descriptor);

    private static int PrLimit => s_isArm ? 261 : 302;

    private static int Prctl => s_isArm ? 167 : 157;

    // The result, or the negative errno.
    private static int Call(int number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0)
    {
        long result = Syscall(number, a, b, c, d, e);
        return result < 0 ? -Marshal.GetLastPInvokeError() : (int)result;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, long a, long b, long c, long d, long e);
}

/// <summary>The limits of a process, as Linux numbers them on x86-64 and arm64.</summary>
internal enum ResourceLimit
{
    CpuTime = 0,
    FileSize = 1,
    Core = 4,
    OpenFiles = 7,
    AddressSpace = 9,
}
