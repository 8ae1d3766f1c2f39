namespace Hypermesh.Bpf.Interop;

internal enum EpollOperation
{
    Add = 1,
    Remove = 2,
}
