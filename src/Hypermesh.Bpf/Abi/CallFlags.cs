namespace Hypermesh.Bpf.Abi;

/// <summary>Flags of <c>BPF_PROG_LOAD</c> (<c>BPF_F_*</c>).</summary>
[Flags]
internal enum ProgramLoadFlags : uint
{
    None = 0,
    Sleepable = 1 << 4,
    XdpHasFrags = 1 << 5,
    Token = 1 << 16,
}
