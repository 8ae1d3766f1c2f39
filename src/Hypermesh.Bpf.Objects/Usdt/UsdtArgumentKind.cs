namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>Where an argument is; the numbers are those of libbpf's <c>usdt.bpf.h</c>.</summary>
internal enum UsdtArgumentKind : byte
{
    /// <summary>It is a constant.</summary>
    Constant = 0,

    /// <summary>In a register.</summary>
    Register = 1,

    /// <summary>In memory, at a register and an offset.</summary>
    Memory = 2,

    /// <summary>In memory, at a register, a scaled second one, and an offset; read by objects compiled with the header of libbpf 1.7 or newer.</summary>
    IndexedMemory = 3,
}
