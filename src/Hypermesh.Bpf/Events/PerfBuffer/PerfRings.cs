using System.Numerics;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Events.PerfBuffer;

/// <summary>Creates the buffers of a perf event array: one event for each online CPU.</summary>
internal static class PerfRings
{
    private const uint SoftwareEvent = 1;
    private const ulong BpfOutput = 10;
    private const ulong RawSample = 1 << 10;
    private const ulong WatermarkBit = 1 << 14;
    private const int AnyProcess = -1;
    private const uint Enable = 0x2400;

    internal static PerfRing[] Open(BpfPerfEventArray map, BpfPerfBufferOptions options)
    {
        Check(options);
        var rings = new List<PerfRing>();
        try
        {
            foreach (int cpu in PossibleCpus.Of(map.MapHandle.Kernel).Numbers)
            {
                if (cpu < map.Count && TryOpen(map, options, cpu) is { } ring)
                {
                    rings.Add(ring);
                    map.Put(cpu, ring.Descriptor);
                    Control(map, ring.Descriptor, Enable, 0, cpu);
                }
            }

            return [.. rings];
        }
        catch (Exception reason)
        {
            rings.ForEach(ring => Teardown.Undo(reason, ring));
            throw;
        }
    }

    internal static void Control(BpfPerfEventArray map, BpfHandle handle, uint request, nint argument, int cpu)
    {
        using HandleUse use = handle.Use();
        long result = map.MapHandle.Kernel.Control(use.Descriptor, request, argument);
        if (result < 0)
        {
            throw Refused(map, "ioctl", result, cpu);
        }
    }

    private static PerfRing? TryOpen(BpfPerfEventArray map, BpfPerfBufferOptions options, int cpu)
    {
        IKernel kernel = map.MapHandle.Kernel;
        PerfEventAttr attributes = default;
        attributes.Type = SoftwareEvent;
        attributes.Size = (uint)System.Runtime.CompilerServices.Unsafe.SizeOf<PerfEventAttr>();
        attributes.Config = BpfOutput;
        attributes.SampleType = RawSample;
        attributes.SamplePeriod = 1;
        if (options.WakeupBytes > 0)
        {
            attributes.DisabledBits = WatermarkBit;
            attributes.WakeupWatermark = (uint)options.WakeupBytes;
        }
        else
        {
            attributes.WakeupEvents = (uint)options.WakeupRecords;
        }

        long result = kernel.PerfEventOpen(in attributes, AnyProcess, cpu);
        if (result == -Errno.ENODEV)
        {
            // The CPU is possible but not online: no program runs there.
            return null;
        }

        if (result < 0)
        {
            throw Refused(map, "perf_event_open", result, cpu);
        }

        var handle = new BpfHandle(kernel, result);
        MappingHandle? memory = MappingHandle.TryMap(
            kernel, (nuint)((options.PagesPerCpu + 1L) * Environment.SystemPageSize), MemoryProtection.Read | MemoryProtection.Write, MemoryMapping.Shared, (int)result, 0,
            out long mapped);
        if (memory is null)
        {
            handle.Dispose();
            throw Refused(map, "mmap", mapped, cpu);
        }

        return new PerfRing(cpu, handle, memory);
    }

    private static BpfSyscallException Refused(BpfPerfEventArray map, string operation, long result, int cpu)
        => KernelErrors.Of(
            map.MapHandle.Kernel, operation, result, $"Creating the buffer of map {map.Name} for CPU {cpu}", Capabilities.PerfMon, map.MapHandle.ObjectName, map.Name);

    private static void Check(BpfPerfBufferOptions options)
    {
        if (options.PagesPerCpu <= 0 || !BitOperations.IsPow2(options.PagesPerCpu))
        {
            throw new ArgumentException($"PagesPerCpu is {options.PagesPerCpu}, which is not a power of two.", nameof(options));
        }

        if (options.WakeupRecords <= 0 || options.WakeupBytes < 0 || options.WakeupBytes >= (long)options.PagesPerCpu * Environment.SystemPageSize)
        {
            throw new ArgumentException(
                $"A reader cannot be woken after {options.WakeupRecords} records or {options.WakeupBytes} bytes of a buffer of {options.PagesPerCpu} pages.", nameof(options));
        }
    }
}

/// <summary>Receives records in place, in a CPU's buffer. Implemented by structs, so that reading allocates nothing.</summary>
internal interface IPerfSink
{
    void Take(int cpu, ReadOnlySpan<byte> record);
}
