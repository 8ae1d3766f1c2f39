namespace Hypermesh.Bpf.Interop;

[Flags]
internal enum EpollEvents : uint
{
    None = 0,
    Readable = 1,
    EdgeTriggered = 1u << 31,
}
