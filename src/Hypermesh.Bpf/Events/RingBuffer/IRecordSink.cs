namespace Hypermesh.Bpf;

/// <summary>Takes records while they lie in the ring. A struct, so that reading allocates nothing.</summary>
internal interface IRecordSink
{
    void Take(BpfMapDescriptor ring, ReadOnlySpan<byte> record);
}
