using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A disk of the test's own: a loop device that did not exist before, on a file in memory. Its I/O is direct, so each call is one request.</summary>
internal sealed unsafe partial class LoopDisk : IDisposable
{
    private const int Most = 512 * 1024;
    private const int First = 1000;
    private const uint Add = 0x4C80;
    private const uint Remove = 0x4C81;
    private const uint Discards = 0x1277;
    private const int ReadWriteDirect = 0x80000 | 0x4000 | 2;
    private static int s_next = First + (Environment.ProcessId % 500 * 16);

    private readonly int _number;
    private readonly string _file;
    private readonly SafeFileHandle _device;
    private readonly void* _buffer = NativeMemory.AlignedAlloc(Most, 4096);

    /// <param name="bytes">Its size.</param>
    /// <param name="folder">Where its file is.</param>
    internal LoopDisk(long bytes = 16 << 20, string folder = "/dev/shm")
    {
        Sandbox.Shell("[ -e /dev/loop-control ] || modprobe -q loop");
        _number = AddDevice();
        Name = "loop" + _number.ToString(CultureInfo.InvariantCulture);
        _file = Path.Combine(folder, $"hypermesh-{Name}");
        using (FileStream file = File.Create(_file))
        {
            file.SetLength(bytes);
        }

        Sandbox.Shell($"[ -b /dev/{Name} ] || mknod /dev/{Name} b 7 {_number}; losetup /dev/{Name} {_file}");
        _device = new SafeFileHandle(Open("/dev/" + Name, ReadWriteDirect), ownsHandle: true);
        Assert.False(_device.IsInvalid, $"/dev/{Name} cannot be opened");
    }

    internal string Name { get; }

    internal string Device => "/dev/" + Name;

    internal uint Number => (7u << 20) | (uint)_number;

    /// <summary>The kernel's counters: requests, bytes and milliseconds of reads, writes, discards and flushes.</summary>
    internal (ulong Count, ulong Bytes, ulong Milliseconds)[] Truth()
    {
        string[] fields = File.ReadLines("/proc/diskstats").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Single(line => line[2] == Name)[3..];
        ulong At(int index) => index < fields.Length ? ulong.Parse(fields[index], CultureInfo.InvariantCulture) : 0;
        return [(At(0), At(2) * 512, At(3)), (At(4), At(6) * 512, At(7)), (At(15), 0, At(16)), (At(11), At(13) * 512, At(14))];
    }

    /// <summary>Writes a number of times, and returns how many of them failed.</summary>
    internal int Write(int times, int bytes = 4096) => Repeat(times, i => Write(_device, _buffer, bytes, (long)i * bytes % (8 << 20)) == bytes);

    internal int Read(int times, int bytes = 4096) => Repeat(times, i => Read(_device, _buffer, bytes, (long)i * bytes % (8 << 20)) == bytes);

    internal int Flush(int times) => Repeat(times, _ => Sync(_device) == 0);

    internal int Discard(int times, int bytes = 4096) => Repeat(times, i =>
    {
        ulong* range = stackalloc ulong[2];
        (range[0], range[1]) = ((ulong)i * (ulong)bytes % (8 << 20), (ulong)bytes);
        return Control(_device, Discards, range) == 0;
    });

    public void Dispose()
    {
        _device.Dispose();
        NativeMemory.AlignedFree(_buffer);
        Sandbox.Shell($"losetup -d /dev/{Name}");
        using SafeFileHandle control = Controller();
        for (int i = 0; Control(control, Remove, (void*)_number) < 0; i++)
        {
            Assert.True(i < 500, $"/dev/{Name} cannot be removed: {Marshal.GetLastPInvokeErrorMessage()}");
            Thread.Sleep(10);
        }

        File.Delete(_file);
        File.Delete("/dev/" + Name);
    }

    private static int Repeat(int times, Func<int, bool> act)
    {
        int failed = 0;
        for (int i = 0; i < times; i++)
        {
            failed += act(i) ? 0 : 1;
        }

        return failed;
    }

    private static int AddDevice()
    {
        using SafeFileHandle control = Controller();
        while (true)
        {
            int number = Interlocked.Increment(ref s_next);
            if (Control(control, Add, (void*)number) == number)
            {
                return number;
            }

            Assert.True(Marshal.GetLastPInvokeError() == 17, $"no loop device can be added: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private static SafeFileHandle Controller()
    {
        var control = new SafeFileHandle(Open("/dev/loop-control", 2 | 0x80000), ownsHandle: true);
        return control.IsInvalid ? throw new Win32Exception(Marshal.GetLastPInvokeError(), "/dev/loop-control") : control;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pwrite")]
    private static partial nint Write(SafeFileHandle file, void* buffer, nint size, long offset);

    [LibraryImport("libc", EntryPoint = "pread")]
    private static partial nint Read(SafeFileHandle file, void* buffer, nint size, long offset);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, void* argument);
}
