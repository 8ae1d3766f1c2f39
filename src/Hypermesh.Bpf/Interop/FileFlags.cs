namespace Hypermesh.Bpf.Interop;

[Flags]
internal enum FileFlags
{
    ReadOnly = 0,
    CloseOnExec = 0x80000,
}
