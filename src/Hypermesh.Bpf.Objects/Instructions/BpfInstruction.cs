using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>One eBPF instruction of 8 bytes (<c>struct bpf_insn</c>); a 64-bit immediate load consists of two.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct BpfInstruction : IEquatable<BpfInstruction>
{
    /// <summary>The size of an instruction in bytes.</summary>
    public const int Size = 8;

    /// <summary>The opcode: class, operation, source.</summary>
    [FieldOffset(0)]
    public byte OpCode;

    /// <summary>The registers: destination in the lower four bits, source in the upper four (on little-endian machines).</summary>
    [FieldOffset(1)]
    public byte Registers;

    /// <summary>A signed offset: of a jump in instructions, of a memory access in bytes.</summary>
    [FieldOffset(2)]
    public short Offset;

    /// <summary>A signed constant; for calls, the helper's number or the distance to the function.</summary>
    [FieldOffset(4)]
    public int Immediate;

    /// <summary>Creates an instruction.</summary>
    /// <param name="opCode">The opcode.</param>
    /// <param name="destination">The destination register, 0 to 10.</param>
    /// <param name="source">The source register, 0 to 10, or a pseudo source of loads and calls.</param>
    /// <param name="offset">The offset.</param>
    /// <param name="immediate">The constant.</param>
    public BpfInstruction(byte opCode, byte destination, byte source, short offset, int immediate)
    {
        OpCode = opCode;
        Registers = (byte)((source << 4) | (destination & 0xf));
        Offset = offset;
        Immediate = immediate;
    }

    /// <summary>The destination register.</summary>
    public readonly byte Destination => (byte)(Registers & 0xf);

    /// <summary>The source register, or the pseudo source of a load or call.</summary>
    public byte Source
    {
        readonly get => (byte)(Registers >> 4);
        set => Registers = (byte)((value << 4) | (Registers & 0xf));
    }

    /// <summary>The class: the lower three bits of the opcode.</summary>
    public readonly byte Class => (byte)(OpCode & 0x07);

    /// <summary>True for the first half of a 64-bit immediate load.</summary>
    public readonly bool IsWideLoad => OpCode == BpfOpCode.LoadImmediate64;

    /// <summary>True for a call of a helper, a kernel function or a function of the object.</summary>
    public readonly bool IsCall => OpCode == BpfOpCode.Call;

    /// <inheritdoc/>
    public readonly bool Equals(BpfInstruction other)
        => OpCode == other.OpCode && Registers == other.Registers && Offset == other.Offset && Immediate == other.Immediate;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is BpfInstruction other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => (OpCode, Registers, Offset, Immediate).GetHashCode();

    /// <summary>Compares all parts of two instructions.</summary>
    /// <param name="left">The first instruction.</param>
    /// <param name="right">The second instruction.</param>
    public static bool operator ==(BpfInstruction left, BpfInstruction right) => left.Equals(right);

    /// <summary>Compares all parts of two instructions.</summary>
    /// <param name="left">The first instruction.</param>
    /// <param name="right">The second instruction.</param>
    public static bool operator !=(BpfInstruction left, BpfInstruction right) => !left.Equals(right);

    /// <inheritdoc/>
    public override readonly string ToString() => $"{OpCode:x2} r{Destination} r{Source} {Offset} {Immediate}";
}
