using System.Buffers;
using System.Diagnostics.Metrics;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects.Metrics;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Metrics;

/// <summary>What an instrument reads. It may be asked by several threads, and while its object is disposed.</summary>
internal abstract class MetricSource(MetricDefinition definition, BpfMapHandle handle, ILogger logger)
{
    private bool _failed;

    internal MetricDefinition Definition { get; } = definition;

    protected BpfMapHandle Handle { get; } = handle;

    /// <summary>Returns the measurements of now; none once the object is disposed, and none when the kernel refuses the read, which is logged.</summary>
    internal IEnumerable<Measurement<long>> Observe()
    {
        try
        {
            IReadOnlyList<Measurement<long>> measurements = Read();
            _failed = false;
            return measurements;
        }
        catch (ObjectDisposedException)
        {
            return [];
        }
        catch (BpfException reason)
        {
            // Listeners ask every few seconds: the first of a series of failures is enough.
            if (!_failed)
            {
                _failed = true;
                logger.MetricUnreadable(Definition.Tag.Name, Handle.ObjectName ?? "", reason);
            }

            return [];
        }
    }

    protected abstract IReadOnlyList<Measurement<long>> Read();
}

/// <summary>An instrument with the value of a global variable.</summary>
internal sealed unsafe class VariableMetric(MetricDefinition definition, BpfMapHandle handle, BpfGlobalSection? section, ILogger logger) : MetricSource(definition, handle, logger)
{
    protected override IReadOnlyList<Measurement<long>> Read()
    {
        MetricInteger value = Definition.Value;
        if (section is null)
        {
            return [new Measurement<long>(value.ToLong(Lookup(value)))];
        }

        Span<byte> bytes = stackalloc byte[value.Size];
        section.Read(value.Offset, bytes);
        return [new Measurement<long>(value.ToLong((value with { Offset = 0 }).Read(bytes)))];
    }

    // A section whose variables are all private to the object is not mapped.
    private ulong Lookup(MetricInteger value)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Handle.ValueSize);
        try
        {
            fixed (byte* into = bytes)
            {
                uint key = 0;
                long result = MapCalls.Lookup(Handle, &key, into);
                return result >= 0
                    ? value.Read(bytes)
                    : throw MapElementErrors.Of(Handle, BpfCommand.MapLookupElement, result, $"Reading section {Handle.Name}");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
