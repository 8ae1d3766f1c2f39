using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Abi;

/// <summary><c>union bpf_attr</c>, member <c>prog_assoc_struct_ops</c> (7.0): newer than the kernel the others are generated from.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct ProgramAssociateAttr
{
    /// <summary><c>BPF_PROG_ASSOC_STRUCT_OPS</c></summary>
    internal const BpfCommand Command = (BpfCommand)38;

    internal const string Name = "BPF_PROG_ASSOC_STRUCT_OPS";

    [FieldOffset(0)] public uint MapFd;
    [FieldOffset(4)] public uint ProgFd;
    [FieldOffset(8)] public uint Flags;
}
