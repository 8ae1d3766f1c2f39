using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A socket as the C library has it: each method is one system call, so that what hooks see can be counted. The framework's own makes more.</summary>
internal sealed unsafe class RawSocket : IDisposable
{
    internal const int Unix = 1;
    internal const int Internet = 2;
    internal const int Internet6 = 10;
    internal const int Packet = 17;
    internal const int Stream = 1;
    internal const int Datagram = 2;
    internal const int Raw = 3;

    internal const int SocketLevel = 1;
    internal const int SendBuffer = 7;
    internal const int ReusePort = 15;

    internal const ushort TestFrame = 0x88b5;

    private const int CloseOnExec = 0x80000;

    private readonly int _family;

    internal RawSocket(int family, int type, int protocol = 0)
    {
        _family = family;
        Descriptor = Check(NewSocket(family, type | CloseOnExec, protocol));
    }

    private RawSocket(int family, int descriptor, bool _)
    {
        _family = family;
        Descriptor = descriptor;
    }

    internal int Descriptor { get; private set; }

    /// <summary>Its own address, with the port the kernel gave it.</summary>
    internal byte[] Name()
    {
        byte[] address = new byte[128];
        uint length = (uint)address.Length;
        fixed (byte* start = address)
        {
            Check(GetName(Descriptor, start, &length));
        }

        return address[..(int)length];
    }

    internal byte[] PeerName()
    {
        byte[] address = new byte[128];
        uint length = (uint)address.Length;
        fixed (byte* start = address)
        {
            Check(GetPeerName(Descriptor, start, &length));
        }

        return address[..(int)length];
    }

    internal RawSocket BindLoopback()
    {
        Bind(Loopback(_family, 0));
        return this;
    }

    internal void Bind(ReadOnlySpan<byte> address)
    {
        fixed (byte* start = address)
        {
            Check(Bind(Descriptor, start, (uint)address.Length));
        }
    }

    internal void Connect(ReadOnlySpan<byte> address)
    {
        fixed (byte* start = address)
        {
            Check(Connect(Descriptor, start, (uint)address.Length));
        }
    }

    internal RawSocket Listen()
    {
        Check(Listen(Descriptor, 64));
        return this;
    }

    internal RawSocket Accept() => new(_family, Check(Accept(Descriptor, null, null, CloseOnExec)), false);

    /// <summary>Sends 64 bytes, to an address where there is one.</summary>
    internal void Send(ReadOnlySpan<byte> address = default)
    {
        byte* message = stackalloc byte[64];
        fixed (byte* start = address)
        {
            Assert.Equal(64, Check((int)SendTo(Descriptor, message, 64, 0, start, (uint)address.Length)));
        }
    }

    /// <summary>Receives at most 64 bytes and the sender's address. What does not come within ten seconds fails the test, which else would wait without end.</summary>
    internal int Receive()
    {
        const int Readable = 1;
        ulong entry = (uint)Descriptor | ((ulong)Readable << 32);
        Assert.Equal(1, Check(Poll(&entry, 1, 10_000)));
        byte* message = stackalloc byte[64];
        byte* address = stackalloc byte[128];
        uint length = 128;
        return Check((int)ReceiveFrom(Descriptor, message, 64, 0, address, &length));
    }

    internal void SetOption(int level, int option, int value) => Check(SetOption(Descriptor, level, option, &value, sizeof(int)));

    internal int GetOption(int level, int option)
    {
        int value = 0;
        uint length = sizeof(int);
        Check(GetOption(Descriptor, level, option, &value, &length));
        return value;
    }

    public void Dispose()
    {
        if (Descriptor >= 0)
        {
            Close(Descriptor);
            Descriptor = -1;
        }
    }

    internal static byte[] Loopback(int family, ushort port) => family == Internet ? Address4(0x7f000001, port) : Address6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], port);

    internal static byte[] Address4(uint address, ushort port)
    {
        byte[] bytes = new byte[16];
        bytes[0] = Internet;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), port);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), address);
        return bytes;
    }

    /// <summary>A unix address that is no file.</summary>
    internal static byte[] Abstract(string name) => [Unix, 0, 0, .. Encoding.ASCII.GetBytes(name)];

    /// <summary>Sends frames of the test's own kind out of a device.</summary>
    internal static void SendFrames(NetworkDevice device, int count, bool withHeader = true)
    {
        byte[] frame = new byte[64];
        frame.AsSpan(0, 6).Fill(0xff);
        frame[6] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), TestFrame);
        SendFrames(device, frame, count, withHeader);
    }

    /// <summary>Sends frames out of a device.</summary>
    internal static void SendFrames(NetworkDevice device, byte[] frame, int count, bool withHeader = true)
    {
        using var socket = new RawSocket(Packet, withHeader ? Raw : Datagram);
        byte[] address = new byte[20];
        address[0] = Packet;
        BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(2), TestFrame);
        BinaryPrimitives.WriteInt32LittleEndian(address.AsSpan(4), device.Index);
        address[11] = 6;
        address.AsSpan(12, 6).Fill(0xff);
        fixed (byte* start = frame, to = address)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(frame.Length, Check((int)SendTo(socket.Descriptor, start, (nuint)frame.Length, 0, to, 20)));
            }
        }
    }

    internal static byte[] Address6(ReadOnlySpan<byte> address, ushort port)
    {
        byte[] bytes = new byte[28];
        bytes[0] = Internet6;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), port);
        address.CopyTo(bytes.AsSpan(8));
        return bytes;
    }

    private static int Check(int result)
    {
        Assert.True(result >= 0, $"errno {Marshal.GetLastPInvokeError()}");
        return result;
    }

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern int NewSocket(int family, int type, int protocol);

    [DllImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static extern int Bind(int socket, byte* address, uint length);

    [DllImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static extern int Connect(int socket, byte* address, uint length);

    [DllImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static extern int Listen(int socket, int backlog);

    [DllImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static extern int Accept(int socket, byte* address, uint* length, int flags);

    [DllImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static extern nint SendTo(int socket, byte* message, nuint length, int flags, byte* address, uint addressLength);

    [DllImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static extern nint ReceiveFrom(int socket, byte* message, nuint length, int flags, byte* address, uint* addressLength);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(ulong* entries, nuint count, int milliseconds);

    [DllImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static extern int GetName(int socket, byte* address, uint* length);

    [DllImport("libc", EntryPoint = "getpeername", SetLastError = true)]
    private static extern int GetPeerName(int socket, byte* address, uint* length);

    [DllImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static extern int SetOption(int socket, int level, int option, void* value, uint length);

    [DllImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static extern int GetOption(int socket, int level, int option, void* value, uint* length);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
