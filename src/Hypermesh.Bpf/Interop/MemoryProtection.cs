namespace Hypermesh.Bpf.Interop;

[Flags]
internal enum MemoryProtection
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
}
