namespace Hypermesh.Bpf.Objects.Instructions;

/// <summary>The opcodes and pseudo sources that the loader itself reads or writes (RFC 9669, sections 4 and 5).</summary>
public static class BpfOpCode
{
    /// <summary><c>BPF_LD</c>: loads of immediates and packet data.</summary>
    public const byte ClassLoad = 0x00;

    /// <summary><c>BPF_LDX</c>: loads through a register.</summary>
    public const byte ClassLoadRegister = 0x01;

    /// <summary><c>BPF_ST</c>: stores of a constant.</summary>
    public const byte ClassStore = 0x02;

    /// <summary><c>BPF_STX</c>: stores of a register.</summary>
    public const byte ClassStoreRegister = 0x03;

    /// <summary><c>BPF_ALU</c>: 32-bit arithmetic.</summary>
    public const byte ClassArithmetic32 = 0x04;

    /// <summary><c>BPF_ALU64</c>: 64-bit arithmetic.</summary>
    public const byte ClassArithmetic64 = 0x07;

    /// <summary><c>BPF_JMP</c>: jumps that compare 64 bits, calls and exits.</summary>
    public const byte ClassJump = 0x05;

    /// <summary><c>BPF_JMP32</c>: jumps that compare 32 bits.</summary>
    public const byte ClassJump32 = 0x06;

    /// <summary>The bits that encode the width of a memory access.</summary>
    public const byte SizeMask = 0x18;

    /// <summary>Four bytes wide.</summary>
    public const byte SizeWord = 0x00;

    /// <summary>Two bytes wide.</summary>
    public const byte SizeHalf = 0x08;

    /// <summary>One byte wide.</summary>
    public const byte SizeByte = 0x10;

    /// <summary>Eight bytes wide.</summary>
    public const byte SizeDouble = 0x18;

    /// <summary>The bit that marks the second operand as a register.</summary>
    public const byte SourceRegister = 0x08;

    /// <summary>The bits that encode the mode of a load or store.</summary>
    internal const byte ModeMask = 0xe0;

    /// <summary><c>BPF_MEM</c>: the memory that a register points to.</summary>
    internal const byte ModeMemory = 0x60;

    /// <summary><c>BPF_MEMSX</c>: the same, with the sign extended.</summary>
    internal const byte ModeMemorySigned = 0x80;

    /// <summary><c>BPF_ATOMIC</c>, and before it BPF_XADD.</summary>
    internal const byte ModeAtomic = 0xc0;

    /// <summary>The bits that encode the operation of arithmetic and jumps.</summary>
    internal const byte OperationMask = 0xf0;

    /// <summary><c>BPF_LSH</c>.</summary>
    internal const byte OperationShiftLeft = 0x60;

    /// <summary><c>BPF_RSH</c>.</summary>
    internal const byte OperationShiftRight = 0x70;

    /// <summary><c>BPF_ARSH</c>.</summary>
    internal const byte OperationShiftRightSigned = 0xc0;

    /// <summary><c>BPF_MOV</c>.</summary>
    internal const byte OperationMove = 0xb0;

    /// <summary>A 64-bit copy of a register (<c>BPF_ALU64 | BPF_MOV | BPF_X</c>).</summary>
    internal const byte MoveRegister = 0xbf;

    /// <summary>A 64-bit copy of a constant (<c>BPF_ALU64 | BPF_MOV | BPF_K</c>).</summary>
    internal const byte MoveConstant = 0xb7;

    /// <summary>A 32-bit copy of a constant (<c>BPF_ALU | BPF_MOV | BPF_K</c>).</summary>
    internal const byte MoveConstant32 = 0xb4;

    /// <summary>A 64-bit addition of a constant (<c>BPF_ALU64 | BPF_ADD | BPF_K</c>).</summary>
    internal const byte AddConstant = 0x07;

    /// <summary>A 64-bit addition of a register (<c>BPF_ALU64 | BPF_ADD | BPF_X</c>).</summary>
    internal const byte AddRegister = 0x0f;

    /// <summary>A load of eight bytes (<c>BPF_LDX | BPF_MEM | BPF_DW</c>).</summary>
    internal const byte LoadDouble = 0x79;

    /// <summary>A store of eight bytes (<c>BPF_STX | BPF_MEM | BPF_DW</c>).</summary>
    internal const byte StoreDouble = 0x7b;

    /// <summary>A jump whose distance is the offset (<c>BPF_JMP | BPF_JA</c>).</summary>
    internal const byte JumpAlways = 0x05;

    /// <summary>A jump whose distance is the immediate (<c>BPF_JMP32 | BPF_JA</c>).</summary>
    internal const byte JumpLong = 0x06;

    /// <summary>The first half of a 64-bit immediate load (<c>BPF_LD | BPF_IMM | BPF_DW</c>).</summary>
    public const byte LoadImmediate64 = 0x18;

    /// <summary>A call (<c>BPF_JMP | BPF_CALL</c>).</summary>
    public const byte Call = 0x85;

    /// <summary>The end of a function (<c>BPF_JMP | BPF_EXIT</c>).</summary>
    public const byte Exit = 0x95;

    /// <summary>In a wide load: the immediate is a map's descriptor.</summary>
    public const byte PseudoMap = 1;

    /// <summary>In a wide load: the immediate is a map's descriptor, the next one an offset into its value.</summary>
    public const byte PseudoMapValue = 2;

    /// <summary>In a wide load: the immediate is the BTF ID of a kernel variable.</summary>
    public const byte PseudoBtfId = 3;

    /// <summary>In a wide load: the immediate is the distance to a function, for callbacks.</summary>
    public const byte PseudoFunction = 4;

    /// <summary>In a wide load: the immediate is an index into the list of descriptors that is passed with the program.</summary>
    public const byte PseudoMapIndex = 5;

    /// <summary>In a wide load: the immediate is an index into the list of descriptors, the next one an offset into the map's value.</summary>
    public const byte PseudoMapIndexValue = 6;

    /// <summary>In a call: the immediate is the distance to a function of the program.</summary>
    public const byte PseudoCall = 1;

    /// <summary>In a call: the immediate is the BTF ID of a kernel function.</summary>
    public const byte PseudoKernelFunction = 2;
}
