using System.Buffers;

namespace Hypermesh.Bpf.Hosting.Services;

/// <summary>Writes metrics beside those of the monitors, in Prometheus's text format 0.0.4.</summary>
internal interface IMoreMetrics
{
    /// <summary>Writes the values of now.</summary>
    void Write(IBufferWriter<byte> output);
}
