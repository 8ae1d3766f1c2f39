namespace Hypermesh.Bpf;

/// <summary>A sink that keeps a copy of the last record.</summary>
internal interface IRecordCopy<out TRecord> : IRecordSink
{
    TRecord Record { get; }
}
