using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Compilation.Assembling;

/// <summary>A register of eBPF. R0 is the result of calls, R1 to R5 are their arguments and lost at each, R6 to R9 are kept, R10 is the end of the stack.</summary>
internal enum Register : byte
{
    R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10,
}

/// <summary>The operation of 64-bit arithmetic (RFC 9669, section 4.1).</summary>
internal enum Arithmetic : byte
{
    Add = 0x00,
    Subtract = 0x10,
    Multiply = 0x20,
    Divide = 0x30,
    Or = 0x40,
    And = 0x50,
    ShiftLeft = BpfOpCode.OperationShiftLeft,
    ShiftRight = BpfOpCode.OperationShiftRight,
    Negate = 0x80,
    Remainder = 0x90,
    ExclusiveOr = 0xa0,
    Move = BpfOpCode.OperationMove,
    ShiftRightSigned = BpfOpCode.OperationShiftRightSigned,
}

/// <summary>The condition of a jump that compares 64 bits (RFC 9669, section 4.3).</summary>
internal enum Condition : byte
{
    Equal = 0x10,
    Greater = 0x20,
    GreaterOrEqual = 0x30,
    NotEqual = 0x50,
    SignedGreater = 0x60,
    SignedGreaterOrEqual = 0x70,
    Less = 0xa0,
    LessOrEqual = 0xb0,
    SignedLess = 0xc0,
    SignedLessOrEqual = 0xd0,
}

/// <summary>A place in the code that a jump leads to.</summary>
internal readonly record struct Label(int Number);

/// <summary>A map or a variable whose address an instruction loads.</summary>
/// <param name="Instruction">The index of the instruction.</param>
/// <param name="Symbol">The name of the map or variable.</param>
internal readonly record struct SymbolReference(int Instruction, string Symbol);

/// <summary>Writes the instructions of one program. Jumps lead forward only, so that each program ends and the verifier sees each instruction a bounded number of times.</summary>
internal sealed class CodeWriter
{
    private readonly List<BpfInstruction> _code = [];
    private readonly List<(int At, int Label)> _jumps = [];
    private readonly List<int> _labels = [];
    private readonly List<SymbolReference> _references = [];

    internal IReadOnlyList<SymbolReference> References => _references;

    internal Label NewLabel()
    {
        _labels.Add(-1);
        return new Label(_labels.Count - 1);
    }

    /// <summary>Puts the label before the next instruction.</summary>
    internal void Mark(Label label) => _labels[label.Number] = _code.Count;

    internal void Move(Register to, Register from) => Apply(Arithmetic.Move, to, from);

    /// <summary>Sets a register to a constant of any width.</summary>
    internal void Set(Register to, long value)
    {
        if (value == (int)value)
        {
            Apply(Arithmetic.Move, to, (int)value);
        }
        else
        {
            Add(BpfOpCode.LoadImmediate64, to, 0, 0, (int)value);
            Add(0, 0, 0, 0, (int)(value >> 32));
        }
    }

    internal void Apply(Arithmetic operation, Register to, Register by) => Add((byte)((byte)operation | BpfOpCode.ClassArithmetic64 | BpfOpCode.SourceRegister), to, by, 0, 0);

    internal void Apply(Arithmetic operation, Register to, int by) => Add((byte)((byte)operation | BpfOpCode.ClassArithmetic64), to, 0, 0, by);

    /// <summary>Loads 1, 2, 4 or 8 bytes; the rest of the register is 0.</summary>
    internal void Load(Register to, Register from, int offset, int size) => Add((byte)(BpfOpCode.ClassLoadRegister | BpfOpCode.ModeMemory | Width(size)), to, from, checked((short)offset), 0);

    internal void Store(Register to, int offset, Register value, int size) => Add((byte)(BpfOpCode.ClassStoreRegister | BpfOpCode.ModeMemory | Width(size)), to, value, checked((short)offset), 0);

    internal void Store(Register to, int offset, int value, int size) => Add((byte)(BpfOpCode.ClassStore | BpfOpCode.ModeMemory | Width(size)), to, 0, checked((short)offset), value);

    /// <summary>Adds to eight bytes in memory that other CPUs, or a program in an interrupt, change too. All kernels have it without the old value.</summary>
    internal void AddAtomically(Register to, int offset, Register value) => Add(BpfOpCode.ClassStoreRegister | BpfOpCode.ModeAtomic | BpfOpCode.SizeDouble, to, value, checked((short)offset), 0);

    internal void Jump(Label to)
    {
        _jumps.Add((_code.Count, to.Number));
        Add(BpfOpCode.JumpAlways, 0, 0, 0, 0);
    }

    internal void JumpIf(Condition condition, Register left, int right, Label to)
    {
        _jumps.Add((_code.Count, to.Number));
        Add((byte)((byte)condition | BpfOpCode.ClassJump), left, 0, 0, right);
    }

    internal void JumpIf(Condition condition, Register left, Register right, Label to)
    {
        _jumps.Add((_code.Count, to.Number));
        Add((byte)((byte)condition | BpfOpCode.ClassJump | BpfOpCode.SourceRegister), left, right, 0, 0);
    }

    internal void Call(Helper helper) => Add(BpfOpCode.Call, 0, 0, 0, (int)helper);

    internal void Exit(int result)
    {
        Set(Register.R0, result);
        Add(BpfOpCode.Exit, 0, 0, 0, 0);
    }

    /// <summary>Loads a map, or the address of a variable.</summary>
    internal void LoadSymbol(Register to, string symbol)
    {
        _references.Add(new SymbolReference(_code.Count, symbol));
        Add(BpfOpCode.LoadImmediate64, to, 0, 0, 0);
        Add(0, 0, 0, 0, 0);
    }

    /// <summary>Points a register at a place on the stack.</summary>
    internal void PointAtStack(Register to, int offset)
    {
        Move(to, Register.R10);
        Apply(Arithmetic.Add, to, offset);
    }

    /// <summary>The instructions, with all jumps resolved.</summary>
    internal byte[] ToArray()
    {
        foreach ((int at, int label) in _jumps)
        {
            BpfInstruction jump = _code[at];
            int distance = _labels[label] - at - 1;
            if (_labels[label] < 0 || distance < 0)
            {
                throw new InvalidOperationException($"The jump at instruction {at} does not lead forward.");
            }

            if (distance > short.MaxValue)
            {
                throw new BpfException("The expressions make a program of more instructions than a jump can cross: name fewer of them, or simpler ones.");
            }

            jump.Offset = (short)distance;
            _code[at] = jump;
        }

        return MemoryMarshal.AsBytes<BpfInstruction>(_code.ToArray()).ToArray();
    }

    private void Add(byte opCode, Register destination, Register source, short offset, int immediate) => _code.Add(new BpfInstruction(opCode, (byte)destination, (byte)source, offset, immediate));

    private static byte Width(int size) => size switch
    {
        1 => BpfOpCode.SizeByte,
        2 => BpfOpCode.SizeHalf,
        4 => BpfOpCode.SizeWord,
        8 => BpfOpCode.SizeDouble,
        _ => throw new ArgumentOutOfRangeException(nameof(size), size, "There is no access of that width."),
    };
}

/// <summary>The helpers that built programs call. All exist from 5.5 on, those of the ring from 5.8.</summary>
internal enum Helper
{
    MapLookup = 1,
    MapUpdate = 2,
    MapDelete = 3,
    ClockNanoseconds = 5,
    ProcessorId = 8,
    CurrentProcess = 14,
    CurrentUser = 15,
    CurrentCommand = 16,
    StackId = 27,
    CurrentCGroup = 80,
    ReadUser = 112,
    ReadKernel = 113,
    ReadUserText = 114,
    ReadKernelText = 115,
    RingReserve = 131,
    RingSubmit = 132,
}
