namespace Hypermesh.Bpf.Interop;

[Flags]
internal enum FileFlags
{
    ReadOnly = 0,
    ReadWrite = 2,
    Directory = 0x10000,
    CloseOnExec = 0x80000,
}
