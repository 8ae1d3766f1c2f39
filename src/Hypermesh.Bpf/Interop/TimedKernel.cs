using System.Diagnostics;

namespace Hypermesh.Bpf.Interop;

/// <summary>The running kernel, which measures the time spent in the system calls of a load. For one thread.</summary>
internal sealed unsafe class TimedKernel : LinuxKernel, IKernel
{
    private long _ticks;

    private static long Now => Stopwatch.GetTimestamp();

    /// <summary>Returns the time in calls since the last call of this method.</summary>
    internal TimeSpan Take()
    {
        TimeSpan spent = Stopwatch.GetElapsedTime(0, _ticks);
        _ticks = 0;
        return spent;
    }

    long IKernel.Bpf(BpfCommand command, void* attributes, uint size) => Since(Now, Bpf(command, attributes, size));

    long IKernel.BpfMapOperation(BpfCommand command, void* attributes, uint size) => Since(Now, BpfMapOperation(command, attributes, size));

    long IKernel.MemoryMap(nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, long offset)
        => Since(Now, MemoryMap(length, protection, mapping, descriptor, offset));

    long IKernel.MemoryUnmap(nint address, nuint length) => Since(Now, MemoryUnmap(address, length));

    long IKernel.Open(string path, FileFlags flags) => Since(Now, Open(path, flags));

    long IKernel.Read(int descriptor, Span<byte> buffer) => Since(Now, Read(descriptor, buffer));

    long IKernel.Close(int descriptor) => Since(Now, Close(descriptor));

    // Arguments are evaluated in order: the clock, the system call, then the difference.
    private long Since(long start, long result)
    {
        _ticks += Stopwatch.GetTimestamp() - start;
        return result;
    }
}
