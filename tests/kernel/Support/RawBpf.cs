using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// bpf(2) and the capabilities of the process, without the library between the tests and the kernel. The offsets of the fields are those of <c>union bpf_attr</c>, which the
/// kernel never changes.
/// </summary>
internal static unsafe class RawBpf
{
    private const int SystemCall = 321;
    private const int MapCreate = 0;
    private const int MapUpdate = 2;
    private const int ProgramLoad = 5;
    private const int RawTracepointOpen = 17;
    private const int LinkCreate = 28;
    private const int AttributeSize = 128;
    private const int LogSize = 1 << 16;

    // CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_SYSLOG, CAP_PERFMON, CAP_BPF. CAP_SYS_RESOURCE matters to locked memory alone, which is another errno or another message.
    private static int[] Asked => [12, 21, 34, 38, 39];

    /// <summary>A descriptor, or the negative errno; and what the verifier wrote.</summary>
    internal readonly record struct Answer(int Result, string Log);

    /// <summary>True where the thread has every capability that BPF requires anywhere, so that a refusal cannot be because of a missing one.</summary>
    internal static bool HasEveryCapability
    {
        get
        {
            string line = File.ReadLines("/proc/thread-self/status").Single(static line => line.StartsWith("CapEff:", StringComparison.Ordinal));
            ulong held = ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            return Asked.All(one => (held & (1ul << one)) != 0);
        }
    }

    /// <summary>Loads the smallest program there is: it returns a number.</summary>
    internal static Answer Load(uint type, uint attachType, int attachBtfId, uint flags, int returns, int attachDescriptor = 0)
    {
        // r0 = returns; exit
        ulong* code = stackalloc ulong[] { 0xb7 | ((ulong)(uint)returns << 32), 0x95 };
        byte[] log = new byte[LogSize];
        fixed (byte* text = log, license = "Dual BSD/GPL\0"u8)
        {
            byte* attributes = stackalloc byte[AttributeSize];
            Clear(attributes);
            *(uint*)attributes = type;
            *(uint*)(attributes + 4) = 2;
            *(ulong*)(attributes + 8) = (ulong)code;
            *(ulong*)(attributes + 16) = (ulong)license;
            *(uint*)(attributes + 24) = 1;
            *(uint*)(attributes + 28) = LogSize;
            *(ulong*)(attributes + 32) = (ulong)text;
            *(uint*)(attributes + 44) = flags;
            *(uint*)(attributes + 68) = attachType;
            *(uint*)(attributes + 108) = (uint)attachBtfId;
            *(uint*)(attributes + 112) = (uint)attachDescriptor;
            int result = Call(ProgramLoad, attributes);
            return new Answer(result, Encoding.ASCII.GetString(log, 0, Array.IndexOf(log, (byte)0)));
        }
    }

    /// <summary>Attaches a program to what it was loaded for.</summary>
    internal static int OpenRawTracepoint(int program)
    {
        byte* attributes = stackalloc byte[AttributeSize];
        Clear(attributes);
        *(int*)(attributes + 8) = program;
        return Call(RawTracepointOpen, attributes);
    }

    /// <summary>Creates a link of an iterator, over a map where one is given.</summary>
    internal static int LinkIterator(int program, uint attachType, int map)
    {
        byte* attributes = stackalloc byte[AttributeSize];
        Clear(attributes);
        *(int*)attributes = program;
        *(uint*)(attributes + 8) = attachType;
        int overMap = map;
        if (map > 0)
        {
            *(ulong*)(attributes + 16) = (ulong)&overMap;
            *(uint*)(attributes + 24) = sizeof(int);
        }

        return Call(LinkCreate, attributes);
    }

    internal static int CreateMap(uint type, uint keySize, uint valueSize, uint entries)
    {
        byte* attributes = stackalloc byte[AttributeSize];
        Clear(attributes);
        *(uint*)attributes = type;
        *(uint*)(attributes + 4) = keySize;
        *(uint*)(attributes + 8) = valueSize;
        *(uint*)(attributes + 12) = entries;
        return Call(MapCreate, attributes);
    }

    internal static int Update(int map, ulong key, ulong value, ulong flags)
    {
        byte* attributes = stackalloc byte[AttributeSize];
        Clear(attributes);
        *(int*)attributes = map;
        *(ulong*)(attributes + 8) = (ulong)&key;
        *(ulong*)(attributes + 16) = (ulong)&value;
        *(ulong*)(attributes + 24) = flags;
        return Call(MapUpdate, attributes);
    }

    internal static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    private static void Clear(byte* attributes) => new Span<byte>(attributes, AttributeSize).Clear();

    private static int Call(int command, byte* attributes)
    {
        long result = SystemCallFunction(SystemCall, command, attributes, AttributeSize);
        return result < 0 ? -Marshal.GetLastPInvokeError() : (int)result;
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long SystemCallFunction(long number, long command, byte* attributes, long size);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int CloseDescriptor(int descriptor);
}
