using System.Text;
using Hypermesh.Bpf.Compilation.Assembling;
using Hypermesh.Bpf.Compilation.Hooks;
using Hypermesh.Bpf.Compilation.Values;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Compilation.Expressions;

/// <summary>Writes the code of expressions for one hook. R6 has the program's context, and R7 to R9 are left alone.</summary>
internal sealed class ExpressionCompiler
{
    /// <summary>The room for a text whose length is not known, in keys and comparisons.</summary>
    internal const int TextCapacity = 64;

    /// <summary>The length of a thread's name (TASK_COMM_LEN).</summary>
    internal const int CommandLength = 16;

    private const string Arguments = "args";
    private const string Elapsed = "elapsed";
    private const int LargestIndex = 4096;
    private const int LargestElement = 1 << 16;

    private static readonly Dictionary<string, (Helper Helper, int ShiftedBy, int Size)> s_current = new(StringComparer.Ordinal)
    {
        ["pid"] = (Helper.CurrentProcess, 32, sizeof(uint)),
        ["tid"] = (Helper.CurrentProcess, 0, sizeof(uint)),
        ["uid"] = (Helper.CurrentUser, 0, sizeof(uint)),
        ["gid"] = (Helper.CurrentUser, 32, sizeof(uint)),
        ["cpu"] = (Helper.ProcessorId, 0, sizeof(uint)),
        ["cgroup"] = (Helper.CurrentCGroup, 0, sizeof(ulong)),
        ["nsecs"] = (Helper.ClockNanoseconds, 0, sizeof(ulong)),
    };

    private static readonly Dictionary<string, PointerAccess?> s_textFunctions = new(StringComparer.Ordinal)
    {
        ["str"] = null,
        ["kstr"] = PointerAccess.Kernel,
        ["ustr"] = PointerAccess.User,
    };

    private static readonly Dictionary<Operator, Arithmetic> s_arithmetic = new()
    {
        [Operator.BitOr] = Arithmetic.Or,
        [Operator.BitAnd] = Arithmetic.And,
        [Operator.BitExclusiveOr] = Arithmetic.ExclusiveOr,
        [Operator.ShiftLeft] = Arithmetic.ShiftLeft,
        [Operator.ShiftRight] = Arithmetic.ShiftRight,
        [Operator.Add] = Arithmetic.Add,
        [Operator.Subtract] = Arithmetic.Subtract,
        [Operator.Multiply] = Arithmetic.Multiply,
        [Operator.Divide] = Arithmetic.Divide,
        [Operator.Remainder] = Arithmetic.Remainder,
    };

    private static readonly Dictionary<Operator, (Condition Unsigned, Condition Signed)> s_conditions = new()
    {
        [Operator.Equal] = (Condition.Equal, Condition.Equal),
        [Operator.NotEqual] = (Condition.NotEqual, Condition.NotEqual),
        [Operator.Less] = (Condition.Less, Condition.SignedLess),
        [Operator.LessOrEqual] = (Condition.LessOrEqual, Condition.SignedLessOrEqual),
        [Operator.Greater] = (Condition.Greater, Condition.SignedGreater),
        [Operator.GreaterOrEqual] = (Condition.GreaterOrEqual, Condition.SignedGreaterOrEqual),
    };

    private readonly CodeWriter _code;
    private readonly StackFrame _frame;
    private readonly Hook _hook;
    private readonly BtfTypes _types;
    private readonly MemoryCode _memory;
    private string _text = "";

    internal ExpressionCompiler(CodeWriter code, StackFrame frame, Hook hook, BtfTypes types)
    {
        _code = code;
        _frame = frame;
        _hook = hook;
        _types = types;
        _memory = new MemoryCode(code, frame, types);
    }

    /// <summary>The words that every hook has.</summary>
    internal static IReadOnlyList<string> Words { get; } = ["comm", .. s_current.Keys, "probe", Elapsed, StackValues.OfKernel, StackValues.OfProcess];

    /// <summary>Where on the stack the time since the other hook is; null without one.</summary>
    internal int? ElapsedAt { get; init; }

    /// <summary>Finds what the value of an expression looks like, and its faults, and writes no code.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="hook">The hook.</param>
    /// <param name="types">The kernel's types.</param>
    /// <param name="hasElapsed">Whether the time since another hook is known.</param>
    /// <param name="longest">The room for a text whose length is not known.</param>
    internal static ValueShape ShapeOf(string text, Hook hook, BtfTypes types, bool hasElapsed, int longest = TextCapacity)
        => new ExpressionCompiler(new CodeWriter(), new StackFrame(), hook, types) { ElapsedAt = hasElapsed ? -sizeof(ulong) : null }.Shape(text, longest);

    /// <summary>Leaves the value of an expression in R0, as a number of 64 bits.</summary>
    internal Operand Number(string text)
    {
        _text = text;
        Expression expression = ExpressionParser.Parse(text);
        Operand value = Value(expression);
        return value.IsText ? throw Fault(expression, "This is a string, and a number is needed.") : Plain(value);
    }

    /// <summary>Writes the value of an expression to memory: a number in its size, or a text in its capacity.</summary>
    internal void Write(string text, ValueShape shape, Register to, int offset)
    {
        _text = text;
        Expression expression = ExpressionParser.Parse(text);
        int mark = _frame.Mark();
        Operand value = Value(expression);
        if (value.IsText != shape.IsText)
        {
            throw Fault(expression, $"This is a {(value.IsText ? "string" : "number")} at {_hook.Section}, and a {(shape.IsText ? "string" : "number")} at another hook.");
        }

        if (shape.IsText)
        {
            _memory.Write(value, to, offset, shape.Size);
        }
        else
        {
            Plain(value);
            _code.Store(to, offset, Register.R0, shape.Size);
        }

        _frame.Release(mark);
    }

    private ValueShape Shape(string text, int longest)
    {
        _text = text;
        Operand value = Value(ExpressionParser.Parse(text));
        return value.Form switch
        {
            OperandForm.Number => new ValueShape(value.Constant is null ? value.Size : sizeof(ulong), value.IsSigned, IsText: false, value.IsPointer),
            OperandForm.Command => new ValueShape(CommandLength, false, IsText: true, false),
            OperandForm.Literal => new ValueShape(RoundUp(Encoding.UTF8.GetByteCount(value.Literal!) + 1), false, IsText: true, false),
            _ => new ValueShape(value.Length > 0 ? Math.Min(RoundUp(value.Length), longest) : longest, false, IsText: true, false),
        };
    }

    private static int RoundUp(int length) => (length + sizeof(ulong) - 1) / sizeof(ulong) * sizeof(ulong);

    // A pointer that the verifier follows becomes a number like any other.
    private Operand Plain(Operand value)
    {
        if (value.IsFollowed)
        {
            _memory.MakeNumber();
            return value with { Access = PointerAccess.Kernel, IsFollowed = false };
        }

        return value;
    }

    // A number in R0, or a text.
    private Operand Value(Expression expression)
    {
        Operand found = Place(expression);
        if (found.Form != OperandForm.Place)
        {
            return found.Form == OperandForm.Number && found.IsPointer && IsChar(found.Type) ? Text(found) : found;
        }

        BtfType type = _types[_types.SkipModifiers(found.Type)];
        if (type.Kind == BtfKind.Array && IsChar(type.Array.ElementTypeId))
        {
            return found with { Form = OperandForm.Text, Length = (int)type.Array.Count, Access = found.Access == PointerAccess.User ? PointerAccess.User : PointerAccess.Kernel };
        }

        if (type.Kind is not (BtfKind.Int or BtfKind.Pointer or BtfKind.Enum or BtfKind.Enum64) || _types.SizeOf(found.Type) > sizeof(ulong))
        {
            throw Fault(expression, type.IsComposite
                ? $"This is a {TypeText.Of(_types, found.Type)}, which has no value of its own. Its members: {string.Join(", ", MemberNames(type).Take(12))}{(type.Length > 12 ? ", …" : "")}."
                : $"A {TypeText.Of(_types, found.Type)} has no value that can be shown.");
        }

        Operand loaded = _memory.Load(found);
        return loaded.IsPointer && IsChar(loaded.Type) ? Text(loaded) : loaded;
    }

    private static Operand Text(Operand pointer) => new(OperandForm.Text) { Access = pointer.Access == PointerAccess.User ? PointerAccess.User : PointerAccess.Kernel, IsFollowed = pointer.IsFollowed };

    private bool IsChar(int type) => type != 0 && _types[_types.SkipModifiers(type)] is { Kind: BtfKind.Int, Size: 1, Name: "char" };

    // As Value, but a part of a struct is not loaded yet.
    private Operand Place(Expression expression) => expression switch
    {
        NumberExpression number => Constant(number.Value),
        TextExpression text => new Operand(OperandForm.Literal) { Literal = text.Value },
        NameExpression name => Name(name),
        MemberExpression { Target: NameExpression { Name: Arguments } } member => Argument(member, member.Name),
        MemberExpression member => Member(member),
        IndexExpression index => Element(index),
        CallExpression call => Called(call),
        UnaryExpression unary => Unary(unary),
        BinaryExpression { Operator: Operator.And or Operator.Or } either => ShortCircuit(either),
        BinaryExpression binary => Binary(binary),
        _ => throw new InvalidOperationException(),
    };

    private Operand Constant(long value)
    {
        _code.Set(Register.R0, value);
        return Operand.Number(sizeof(ulong), isSigned: true) with { Constant = value };
    }

    private Operand Name(NameExpression name)
    {
        if (s_current.TryGetValue(name.Name, out (Helper Helper, int ShiftedBy, int Size) current))
        {
            _code.Call(current.Helper);
            if (current.ShiftedBy > 0)
            {
                _code.Apply(Arithmetic.ShiftRight, Register.R0, current.ShiftedBy);
            }

            _memory.Narrow(current.Size, isSigned: false);
            return Operand.Number(current.Size, isSigned: false);
        }

        switch (name.Name)
        {
            case "comm":
                return new Operand(OperandForm.Command) { Length = CommandLength };
            case "probe":
                return new Operand(OperandForm.Literal) { Literal = _hook.Name };
            case StackValues.OfKernel when _hook.Kind.IsUser:
                throw Fault(name, $"{_hook.Section} is in a program: the kernel has no stack there.");
            case StackValues.OfKernel:
                CallStackId(0);
                return Operand.Number(sizeof(int), isSigned: true);
            case StackValues.OfProcess:
                return ProcessStack();
            case Elapsed when ElapsedAt is { } at:
                _code.Load(Register.R0, Register.R10, at, sizeof(ulong));
                return Operand.Number(sizeof(ulong), isSigned: false);
            case Elapsed:
                throw Fault(name, $"{Elapsed} is the time since another hook, and only one is given.");
            default:
                return Argument(name, name.Name);
        }
    }

    private void CallStackId(int flags)
    {
        _code.Move(Register.R1, Register.R6);
        _code.LoadSymbol(Register.R2, StackValues.Map);
        _code.Set(Register.R3, flags);
        _code.Call(Helper.StackId);
    }

    // The ID of the stack, and in the upper half the process, without which its addresses have no names.
    private Operand ProcessStack()
    {
        const int UserStack = 1 << 8;
        int mark = _frame.Mark();
        int process = _frame.Take(sizeof(ulong));
        _code.Call(Helper.CurrentProcess);
        _code.Apply(Arithmetic.ShiftRight, Register.R0, 32);
        _code.Apply(Arithmetic.ShiftLeft, Register.R0, 32);
        _code.Store(Register.R10, process, Register.R0, sizeof(ulong));
        CallStackId(UserStack);
        _memory.Narrow(sizeof(uint), isSigned: false);
        _code.Load(Register.R1, Register.R10, process, sizeof(ulong));
        _code.Apply(Arithmetic.Or, Register.R0, Register.R1);
        _frame.Release(mark);
        return Operand.Number(sizeof(ulong), isSigned: false);
    }

    private Operand Argument(Expression at, string name)
    {
        if (_hook.Find(name) is not { } argument)
        {
            string before = _text[..Math.Min(at.Position, _text.Length)].TrimEnd();
            string quote = before.EndsWith("==", StringComparison.Ordinal) || before.EndsWith("!=", StringComparison.Ordinal) ? $" To compare with a text, quote it: \"{name}\"." : "";
            throw Fault(at, $"{_hook.Section} has no argument '{name}'.{quote}{Near(name, [.. _hook.Arguments.Select(static one => one.Name), .. at is NameExpression ? Words : []])}");
        }

        if (argument.Form != ArgumentForm.Value)
        {
            AddressOfText(argument);
            return new Operand(OperandForm.Text) { Access = PointerAccess.Kernel, Length = argument.Form == ArgumentForm.Text ? argument.Size : 0 };
        }

        bool isRecord = _hook.Kind.Source == ArgumentSource.Record;
        if (argument.IsHidden)
        {
            _memory.CopyFromContext(argument.Offset);
        }
        else
        {
            _code.Load(Register.R0, Register.R6, argument.Offset, isRecord ? argument.Size : sizeof(ulong));
        }

        if (isRecord)
        {
            _memory.Extend(argument.Size, argument.IsSigned);
        }
        else
        {
            _memory.Narrow(argument.Size, argument.IsSigned);
        }

        return Operand.Number(argument.Size, argument.IsSigned) with { IsPointer = argument.IsPointer, Type = argument.Pointee, Access = argument.Access, IsFollowed = argument.Access == PointerAccess.Direct };
    }

    private void AddressOfText(HookArgument argument)
    {
        const int OffsetMask = 0xffff;
        if (argument.Form == ArgumentForm.Text)
        {
            _code.Move(Register.R0, Register.R6);
            _code.Apply(Arithmetic.Add, Register.R0, argument.Offset);
            return;
        }

        _code.Load(Register.R0, Register.R6, argument.Offset, sizeof(uint));
        _code.Apply(Arithmetic.And, Register.R0, OffsetMask);
        _code.Apply(Arithmetic.Add, Register.R0, Register.R6);
        if (argument.Form == ArgumentForm.TextBehind)
        {
            _code.Apply(Arithmetic.Add, Register.R0, argument.Offset + argument.Size);
        }
    }

    private Operand Member(MemberExpression member)
    {
        Operand target = Place(member.Target);
        (int type, int offset, PointerAccess access, bool isFollowed) = Struct(member, target);
        BtfType owner = _types[_types.SkipModifiers(type)];
        if (Find(owner, member.Name) is not { } found)
        {
            throw Fault(member, $"{TypeText.Of(_types, type)} of this kernel has no member '{member.Name}'.{Near(member.Name, MemberNames(owner))}");
        }

        // The verifier knows which members it may load through a pointer that it follows; within unions it differs between kernels.
        return new Operand(OperandForm.Place)
        {
            Type = found.Type,
            BitOffset = offset + found.BitOffset,
            Bits = found.Bits,
            Access = found.IsInUnion && access == PointerAccess.Direct ? PointerAccess.Kernel : access,
            IsFollowed = isFollowed,
        };
    }

    // Makes R0 the address of a struct that has members.
    private (int Type, int BitOffset, PointerAccess Access, bool IsFollowed) Struct(MemberExpression member, Operand target)
    {
        if (target.Form == OperandForm.Place)
        {
            BtfType type = _types[_types.SkipModifiers(target.Type)];
            if (type.IsComposite)
            {
                return (target.Type, target.BitOffset, target.Access, target.IsFollowed);
            }

            target = type.Kind == BtfKind.Pointer ? _memory.Load(target) : target;
        }

        return target is { Form: OperandForm.Number, IsPointer: true, Type: not 0 } && _types[target.Type].IsComposite ? (target.Type, 0, target.Access, target.IsFollowed)
            : throw Fault(member, target.IsPointer && target.Type != 0 && _types[target.Type].Kind == BtfKind.Forward
                ? $"{TypeText.Of(_types, target.Type)} is only declared in the kernel's own types: a module defines it."
                : $"What is before '{member.Name}' is neither a struct nor a pointer to one.");
    }

    private (int Type, int BitOffset, int Bits, bool IsInUnion)? Find(BtfType owner, string name)
    {
        for (int i = 0; i < owner.Length; i++)
        {
            BtfMember member = owner.Member(i);
            bool isUnion = owner.Kind == BtfKind.Union;
            if (member.NameOffset == 0 && _types[_types.SkipModifiers(member.TypeId)] is { IsComposite: true } unnamed)
            {
                if (Find(unnamed, name) is { } inner)
                {
                    return inner with { BitOffset = inner.BitOffset + (int)member.BitOffset, IsInUnion = inner.IsInUnion || isUnion };
                }
            }
            else if (_types.GetString(member.NameOffset) == name)
            {
                return (member.TypeId, (int)member.BitOffset, (int)member.BitfieldSize, isUnion);
            }
        }

        return null;
    }

    private IEnumerable<string> MemberNames(BtfType owner)
    {
        for (int i = 0; i < owner.Length; i++)
        {
            BtfMember member = owner.Member(i);
            if (member.NameOffset != 0)
            {
                yield return _types.GetString(member.NameOffset);
            }
            else if (_types[_types.SkipModifiers(member.TypeId)] is { IsComposite: true } unnamed)
            {
                foreach (string name in MemberNames(unnamed))
                {
                    yield return name;
                }
            }
        }
    }

    private Operand Element(IndexExpression element)
    {
        if (element.Index is not NumberExpression { Value: >= 0 and < LargestIndex and var index })
        {
            throw Fault(element, $"An index is a number from 0 to {LargestIndex - 1}.");
        }

        Operand target = Place(element.Target);
        if (target.Form == OperandForm.Place && _types[_types.SkipModifiers(target.Type)] is { Kind: BtfKind.Array } array)
        {
            if (array.Array.Count > 0 && index >= array.Array.Count)
            {
                throw Fault(element, $"The array has {array.Array.Count} elements, counted from 0.");
            }

            int type = array.Array.ElementTypeId;
            return target with { Type = type, BitOffset = target.BitOffset + (int)(index * _types.SizeOf(type) * 8), Access = target.Access == PointerAccess.Direct ? PointerAccess.Kernel : target.Access };
        }

        if (target.Form == OperandForm.Place && _types[_types.SkipModifiers(target.Type)].Kind == BtfKind.Pointer)
        {
            target = _memory.Load(target);
        }

        return target is { Form: OperandForm.Number, IsPointer: true, Type: not 0 } && _types.SizeOf(target.Type) is > 0 and <= LargestElement and long size
            ? new Operand(OperandForm.Place) { Type = target.Type, BitOffset = (int)(index * size * 8), Access = target.Access == PointerAccess.Direct && index > 0 ? PointerAccess.Kernel : target.Access, IsFollowed = target.IsFollowed }
            : throw Fault(element, "Only arrays, and pointers whose type is known, have elements.");
    }

    private Operand Called(CallExpression call)
    {
        if (!s_textFunctions.TryGetValue(call.Name, out PointerAccess? access))
        {
            throw Fault(call, $"There is no function '{call.Name}'; there are: {string.Join(", ", s_textFunctions.Keys)}, which read the string at an address.");
        }

        Operand value = Value(call.Argument);
        return value.IsText && value.Form != OperandForm.Text ? value
            : value.Form == OperandForm.Text ? value with { Access = access ?? value.Access }
            : new Operand(OperandForm.Text) { Access = access ?? (value.Access == PointerAccess.User ? PointerAccess.User : PointerAccess.Kernel), IsFollowed = value.IsFollowed };
    }

    private Operand Unary(UnaryExpression unary)
    {
        Operand value = NumberOf(unary.Operand);
        if (unary.Operator == Operator.Not)
        {
            Label isZero = _code.NewLabel();
            _code.Set(Register.R1, 1);
            _code.JumpIf(Condition.Equal, Register.R0, 0, isZero);
            _code.Set(Register.R1, 0);
            _code.Mark(isZero);
            _code.Move(Register.R0, Register.R1);
            return Operand.Number(sizeof(uint), isSigned: true);
        }

        if (unary.Operator == Operator.Negate)
        {
            _code.Apply(Arithmetic.Negate, Register.R0, 0);
        }
        else
        {
            _code.Apply(Arithmetic.ExclusiveOr, Register.R0, -1);
        }

        return Operand.Number(sizeof(ulong), isSigned: unary.Operator == Operator.Negate || value.IsSigned);
    }

    private Operand ShortCircuit(BinaryExpression either)
    {
        Label decided = _code.NewLabel(), end = _code.NewLabel();
        Condition decides = either.Operator == Operator.And ? Condition.Equal : Condition.NotEqual;
        foreach (Expression part in (Expression[])[either.Left, either.Right])
        {
            NumberOf(part);
            _code.JumpIf(decides, Register.R0, 0, decided);
        }

        _code.Set(Register.R0, either.Operator == Operator.And ? 1 : 0);
        _code.Jump(end);
        _code.Mark(decided);
        _code.Set(Register.R0, either.Operator == Operator.And ? 0 : 1);
        _code.Mark(end);
        return Operand.Number(sizeof(uint), isSigned: true);
    }

    private Operand NumberOf(Expression expression)
    {
        Operand value = Value(expression);
        return value.IsText ? throw Fault(expression, "This is a string, and a number is needed.") : Plain(value);
    }

    private Operand Binary(BinaryExpression binary)
    {
        int mark = _frame.Mark();
        Operand left = Value(binary.Left);
        if (left.IsText)
        {
            Operand compared = CompareTexts(binary, left);
            _frame.Release(mark);
            return compared;
        }

        left = Plain(left);
        int kept = _frame.Take(sizeof(ulong));
        _code.Store(Register.R10, kept, Register.R0, sizeof(ulong));
        Operand right = Value(binary.Right);
        if (right.IsText)
        {
            throw Fault(binary, "A number cannot be compared with a string.");
        }

        right = Plain(right);
        _code.Move(Register.R1, Register.R0);
        _code.Load(Register.R0, Register.R10, kept, sizeof(ulong));
        _frame.Release(mark);
        return s_conditions.TryGetValue(binary.Operator, out (Condition Unsigned, Condition Signed) condition)
            ? Compare(left.IsWideUnsigned || right.IsWideUnsigned ? condition.Unsigned : condition.Signed)
            : Calculate(binary.Operator, isSigned: !left.IsWideUnsigned && !right.IsWideUnsigned && (left.IsSigned || right.IsSigned || binary.Operator == Operator.Subtract));
    }

    private Operand Compare(Condition condition)
    {
        Label holds = _code.NewLabel();
        _code.Set(Register.R2, 1);
        _code.JumpIf(condition, Register.R0, Register.R1, holds);
        _code.Set(Register.R2, 0);
        _code.Mark(holds);
        _code.Move(Register.R0, Register.R2);
        return Operand.Number(sizeof(uint), isSigned: true);
    }

    private Operand Calculate(Operator operation, bool isSigned)
    {
        Arithmetic arithmetic = s_arithmetic[operation];
        if (isSigned && arithmetic is Arithmetic.Divide or Arithmetic.Remainder)
        {
            DivideSigned(arithmetic);
        }
        else
        {
            _code.Apply(isSigned && arithmetic == Arithmetic.ShiftRight ? Arithmetic.ShiftRightSigned : arithmetic, Register.R0, Register.R1);
        }

        return Operand.Number(sizeof(ulong), isSigned);
    }

    // The division of all kernels is unsigned: it divides the absolute values. The sign of the result is that of both, or of the dividend for the remainder.
    private void DivideSigned(Arithmetic arithmetic)
    {
        _code.Move(Register.R2, Register.R0);
        if (arithmetic == Arithmetic.Divide)
        {
            _code.Apply(Arithmetic.ExclusiveOr, Register.R2, Register.R1);
        }

        NegateIfNegative(Register.R0, Register.R0);
        NegateIfNegative(Register.R1, Register.R1);
        _code.Apply(arithmetic, Register.R0, Register.R1);
        NegateIfNegative(Register.R2, Register.R0);
    }

    private void NegateIfNegative(Register judged, Register negated)
    {
        Label positive = _code.NewLabel();
        _code.JumpIf(Condition.SignedGreaterOrEqual, judged, 0, positive);
        _code.Apply(Arithmetic.Negate, negated, 0);
        _code.Mark(positive);
    }

    private Operand CompareTexts(BinaryExpression binary, Operand left)
    {
        if (binary.Operator is not (Operator.Equal or Operator.NotEqual))
        {
            throw Fault(binary, "Strings can be compared with == and != only.");
        }

        Label differ = _code.NewLabel(), end = _code.NewLabel();
        if (left.Form == OperandForm.Literal)
        {
            int other = Copy(Value(binary.Right), binary, CapacityFor(left.Literal!));
            _memory.JumpIfDifferent(other, left.Literal!, differ);
        }
        else if (binary.Right is TextExpression { Value: var literal })
        {
            int text = Copy(left, binary, CapacityFor(literal));
            _memory.JumpIfDifferent(text, literal, differ);
        }
        else
        {
            int first = Copy(left, binary, TextCapacity);
            int second = Copy(Value(binary.Right), binary, TextCapacity);
            _memory.JumpIfDifferent(first, second, TextCapacity, differ);
        }

        bool isEqual = binary.Operator == Operator.Equal;
        _code.Set(Register.R0, isEqual ? 1 : 0);
        _code.Jump(end);
        _code.Mark(differ);
        _code.Set(Register.R0, isEqual ? 0 : 1);
        _code.Mark(end);
        return Operand.Number(sizeof(uint), isSigned: true);
    }

    // One byte more than the literal, so that a longer text differs.
    private static int CapacityFor(string literal) => RoundUp(Encoding.UTF8.GetByteCount(literal) + 2);

    private int Copy(Operand text, BinaryExpression binary, int capacity)
    {
        if (!text.IsText)
        {
            throw Fault(binary, "A string cannot be compared with a number.");
        }

        int place = _frame.Take(capacity);
        _memory.Write(text, Register.R10, place, capacity);
        return place;
    }

    private static string Near(string wanted, IEnumerable<string> names)
    {
        var near = new NearNames(wanted);
        string[] all = [.. names];
        foreach (string name in all)
        {
            near.See(name);
        }

        // Names of two or three letters are too short for more than one difference.
        string[] best = near.Best.Count > 0 ? [.. near.Best] : [.. all.Where(name => EditDistance.Between(wanted, name) <= 1).Take(3)];
        return best.Length > 0 ? $" Did you mean {string.Join(", ", best)}?" : all.Length is > 0 and <= 24 ? $" It has: {string.Join(", ", all)}." : "";
    }

    private BpfException Fault(Expression at, string what) => ExpressionParser.Fault(_text, at.Position, what);
}
