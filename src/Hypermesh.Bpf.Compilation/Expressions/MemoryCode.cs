using System.Text;
using Hypermesh.Bpf.Compilation.Assembling;
using Hypermesh.Bpf.Compilation.Hooks;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation.Expressions;

/// <summary>Writes the code that reads numbers and texts from memory.</summary>
/// <param name="code">Takes the instructions.</param>
/// <param name="frame">The program's stack.</param>
/// <param name="types">The kernel's types.</param>
internal sealed class MemoryCode(CodeWriter code, StackFrame frame, BtfTypes types)
{
    private const int BitsOfByte = 8;
    private const int BitsOfRegister = 64;

    /// <summary>Loads eight bytes of the program's context into R0, which the verifier does not let it load.</summary>
    internal void CopyFromContext(int offset)
    {
        int mark = frame.Mark();
        int copy = frame.Take(sizeof(ulong));
        code.PointAtStack(Register.R1, copy);
        code.Set(Register.R2, sizeof(ulong));
        code.Move(Register.R3, Register.R6);
        code.Apply(Arithmetic.Add, Register.R3, offset);
        code.Call(Helper.ReadKernel);
        code.Load(Register.R0, Register.R10, copy, sizeof(ulong));
        frame.Release(mark);
    }

    /// <summary>Loads a number from the place that R0 leads to, into R0.</summary>
    internal Operand Load(in Operand place)
    {
        BtfType type = types[types.SkipModifiers(place.Type)];
        int size = (int)types.SizeOf(place.Type);
        bool isPointer = type.Kind == BtfKind.Pointer;
        bool isSigned = type.Kind == BtfKind.Int ? type.IntEncoding.HasFlag(BtfIntEncoding.Signed) : type.IsEnum && type.KindFlag;
        if (place.Bits > 0)
        {
            LoadBits(place, isSigned);
            return Operand.Number(size, isSigned);
        }

        Read(place, place.BitOffset / BitsOfByte, size);
        Extend(size, isSigned);
        return Operand.Number(size, isSigned) with
        {
            IsPointer = isPointer,
            Type = isPointer ? types.SkipModifiers(type.TypeId) : 0,
            Access = place.Access == PointerAccess.User ? PointerAccess.User : PointerAccess.Kernel,

            // Kernels differ in whether they follow such a pointer, and then it may be NULL.
            IsFollowed = isPointer && place.Access == PointerAccess.Direct,
        };
    }

    /// <summary>Extends a number in R0 to 64 bits.</summary>
    internal void Extend(int size, bool isSigned)
    {
        if (size < sizeof(ulong) && isSigned)
        {
            code.Apply(Arithmetic.ShiftLeft, Register.R0, BitsOfRegister - (size * BitsOfByte));
            code.Apply(Arithmetic.ShiftRightSigned, Register.R0, BitsOfRegister - (size * BitsOfByte));
        }
    }

    /// <summary>Cuts a number in R0 to its size, where its upper bits are not defined.</summary>
    internal void Narrow(int size, bool isSigned)
    {
        if (size < sizeof(ulong))
        {
            code.Apply(Arithmetic.ShiftLeft, Register.R0, BitsOfRegister - (size * BitsOfByte));
            code.Apply(isSigned ? Arithmetic.ShiftRightSigned : Arithmetic.ShiftRight, Register.R0, BitsOfRegister - (size * BitsOfByte));
        }
    }

    /// <summary>Makes a number of a pointer in R0 that the verifier follows: it refuses to calculate with it.</summary>
    internal void MakeNumber()
    {
        int mark = frame.Mark();
        int pointer = frame.Take(sizeof(ulong)), copy = frame.Take(sizeof(ulong));
        code.Store(Register.R10, pointer, Register.R0, sizeof(ulong));
        code.PointAtStack(Register.R1, copy);
        code.Set(Register.R2, sizeof(ulong));
        code.PointAtStack(Register.R3, pointer);
        code.Call(Helper.ReadKernel);
        code.Load(Register.R0, Register.R10, copy, sizeof(ulong));
        frame.Release(mark);
    }

    /// <summary>Writes a text to memory, cut where it is too long. On the stack, all bytes behind it are 0.</summary>
    internal void Write(in Operand text, Register to, int offset, int capacity)
    {
        bool isStack = to == Register.R10;
        if (text.Form == OperandForm.Literal)
        {
            WriteLiteral(text.Literal!, to, offset, capacity);
            return;
        }

        Label isNull = code.NewLabel();
        for (int at = 0; at < (isStack ? capacity : 1); at += sizeof(ulong))
        {
            code.Store(to, offset + at, 0, isStack ? sizeof(ulong) : 1);
        }

        if (text.Form == OperandForm.Text)
        {
            if (text.IsFollowed)
            {
                code.JumpIf(Condition.Equal, Register.R0, 0, isNull);
            }

            code.Move(Register.R3, Register.R0);
            code.Apply(Arithmetic.Add, Register.R3, text.BitOffset / BitsOfByte);
        }

        code.Move(Register.R1, to);
        code.Apply(Arithmetic.Add, Register.R1, offset);
        code.Set(Register.R2, text.Length > 0 ? Math.Min(capacity, text.Length) : capacity);
        code.Call(text.Form == OperandForm.Command ? Helper.CurrentCommand : text.Access == PointerAccess.User ? Helper.ReadUserText : Helper.ReadKernelText);
        code.Mark(isNull);
    }

    /// <summary>Jumps if a text on the stack differs from a literal.</summary>
    internal void JumpIfDifferent(int offset, string literal, Label to)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(literal), 0];
        foreach ((int at, int width) in Chunks(bytes.Length))
        {
            code.Load(Register.R1, Register.R10, offset + at, width);
            code.Set(Register.R2, Constant(bytes.AsSpan(at, width)));
            code.JumpIf(Condition.NotEqual, Register.R1, Register.R2, to);
        }
    }

    /// <summary>Jumps if two texts on the stack differ, whose bytes behind their ends are 0.</summary>
    internal void JumpIfDifferent(int first, int second, int capacity, Label to)
    {
        for (int at = 0; at < capacity; at += sizeof(ulong))
        {
            code.Load(Register.R1, Register.R10, first + at, sizeof(ulong));
            code.Load(Register.R2, Register.R10, second + at, sizeof(ulong));
            code.JumpIf(Condition.NotEqual, Register.R1, Register.R2, to);
        }
    }

    private void LoadBits(in Operand place, bool isSigned)
    {
        int first = place.BitOffset / BitsOfByte;
        int skipped = place.BitOffset % BitsOfByte;
        int bytes = (skipped + place.Bits + BitsOfByte - 1) / BitsOfByte;
        if (bytes > sizeof(ulong))
        {
            throw new BpfException("A bit field that is spread over nine bytes cannot be read; name another member.");
        }

        Read(place with { Access = place.Access == PointerAccess.Direct ? PointerAccess.Kernel : place.Access }, first, bytes);
        int above = BitConverter.IsLittleEndian ? BitsOfRegister - skipped - place.Bits : BitsOfRegister - (bytes * BitsOfByte) + skipped;
        code.Apply(Arithmetic.ShiftLeft, Register.R0, above);
        code.Apply(isSigned ? Arithmetic.ShiftRightSigned : Arithmetic.ShiftRight, Register.R0, BitsOfRegister - place.Bits);
    }

    private void Read(in Operand place, int offset, int size)
    {
        // Some kernels say that a tracepoint's argument may be NULL, and refuse what is done with it without this. A member of NULL is 0: set anew, since others go on as if R0 had the pointer.
        Label known = code.NewLabel(), end = code.NewLabel();
        if (place.IsFollowed)
        {
            code.JumpIf(Condition.NotEqual, Register.R0, 0, known);
            code.Set(Register.R0, 0);
            code.Jump(end);
            code.Mark(known);
        }

        if (place.Access == PointerAccess.Direct && offset <= short.MaxValue)
        {
            code.Load(Register.R0, Register.R0, offset, size);
            code.Mark(end);
            return;
        }

        int mark = frame.Mark();
        int copy = frame.Take(sizeof(ulong));
        code.Store(Register.R10, copy, 0, sizeof(ulong));
        code.Move(Register.R3, Register.R0);
        code.Apply(Arithmetic.Add, Register.R3, offset);
        code.PointAtStack(Register.R1, copy);
        code.Set(Register.R2, size);
        code.Call(place.Access == PointerAccess.User ? Helper.ReadUser : Helper.ReadKernel);
        code.Load(Register.R0, Register.R10, copy, size is 3 or > 4 ? sizeof(ulong) : size);
        code.Mark(end);
        frame.Release(mark);
    }

    private void WriteLiteral(string literal, Register to, int offset, int capacity)
    {
        byte[] bytes = new byte[capacity];
        byte[] text = Encoding.UTF8.GetBytes(literal);
        text.AsSpan(0, Math.Min(text.Length, capacity - 1)).CopyTo(bytes);
        foreach ((int at, int width) in Chunks(capacity))
        {
            code.Set(Register.R1, Constant(bytes.AsSpan(at, width)));
            code.Store(to, offset + at, Register.R1, width);
        }
    }

    private static IEnumerable<(int At, int Width)> Chunks(int length)
    {
        for (int at = 0; at < length;)
        {
            int width = sizeof(ulong);
            while (width > length - at)
            {
                width /= 2;
            }

            yield return (at, width);
            at += width;
        }
    }

    private static long Constant(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        1 => bytes[0],
        2 => BitConverter.ToUInt16(bytes),
        4 => BitConverter.ToUInt32(bytes),
        _ => BitConverter.ToInt64(bytes),
    };
}
