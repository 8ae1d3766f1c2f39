namespace Hypermesh.Bpf.Interop;

[Flags]
internal enum MemoryMapping
{
    Shared = 1,
    Private = 2,
}
