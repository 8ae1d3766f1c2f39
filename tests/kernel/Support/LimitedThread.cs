using System.Reflection;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// A thread that holds exactly some capabilities, as root or as nobody. In the kernel both are a thread's own; the C library's wrappers, which change all threads,
/// are gone round. What runs here starts no other threads: they would keep the limits.
/// </summary>
internal static partial class LimitedThread
{
    private const uint Version3 = 0x20080522;
    private const int KeepCapabilities = 8;
    private const uint Nobody = 65534;

    // Nobody may not look into every folder the tests run from, and an assembly that could not be loaded once stays missing.
    private static readonly Lazy<int> s_loaded = new(static () => new[] { typeof(LimitedThread).Assembly, typeof(IKernel).Assembly }
        .SelectMany(static assembly => assembly.GetReferencedAssemblies()).Select(Assembly.Load).Count());

    internal static void Run(Capabilities capabilities, bool asNobody, Action action)
    {
        Assert.NotEqual(0, s_loaded.Value);
        OwnThread.Run(() =>
        {
            Become(capabilities, asNobody);
            action();
        });
    }

    private static unsafe void Become(Capabilities capabilities, bool asNobody)
    {
        if (asNobody)
        {
            Assert.Equal(0, Control(KeepCapabilities, 1, 0, 0, 0));
            Assert.Equal(0, SetUser(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 117 : 147, Nobody, Nobody, Nobody));
        }

        ulong bits = (ulong)capabilities;
        uint* header = stackalloc uint[] { Version3, 0 };
        uint* sets = stackalloc uint[] { (uint)bits, (uint)bits, 0, (uint)(bits >> 32), (uint)(bits >> 32), 0 };
        Assert.Equal(0, SetCapabilities(header, sets));
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);

    // setresuid(2), for this thread alone.
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SetUser(nint number, nuint real, nuint effective, nuint saved);

    [LibraryImport("libc", EntryPoint = "capset")]
    private static unsafe partial int SetCapabilities(uint* header, uint* sets);
}
