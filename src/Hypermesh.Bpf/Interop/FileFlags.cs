namespace Hypermesh.Bpf.Interop;

[Flags]
internal enum FileFlags
{
    ReadOnly = 0,
    WriteOnly = 1,
    ReadWrite = 2,
    Append = 0x400,
    Directory = 0x10000,
    CloseOnExec = 0x80000,
}
