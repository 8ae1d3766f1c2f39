using Hypermesh.Bpf.Compilation.Assembling;
using Hypermesh.Bpf.Compilation.Expressions;
using Hypermesh.Bpf.Compilation.Hooks;
using Hypermesh.Bpf.Compilation.Values;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation.Building;

/// <summary>Makes an object of a plan: its maps, and a program for each hook.</summary>
internal sealed class MonitorAssembler
{
    /// <summary>The global variable that counts calls without room in the map of results.</summary>
    internal const string Lost = "lost";

    /// <summary>The one that counts starts without room.</summary>
    internal const string LostStarts = "lost_starts";

    internal const int StartEntries = 16384;

    private const string Starts = "starts";
    private const string Events = "events";
    private const string Dropped = Events + "__dropped";
    private const int StackEntries = 4096;

    // The kernel's default for kernel.perf_event_max_stack, above which the map is refused.
    private const int StackDepth = 127;
    private const int RingBytes = 1 << 20;
    private const int LogSlots = 64;
    private const int LongestInEvent = 256;
    private const int LargestEvent = 16 * 1024;
    private const int MostEntries = 10240;
    private const int LeastEntries = 64;

    // All entries are made when the map is: a tracing program may not ask for memory.
    private const long MapBudget = 32L << 20;

    private readonly MonitorPlan _plan;
    private readonly BtfTypes _types;
    private readonly ObjectWriter _object = new();
    private readonly ValueLayout _keys;
    private readonly ValueLayout _matching;
    private readonly ValueLayout _matchingEnd;
    private readonly ValueLayout _events;
    private readonly ValueShape _value;
    private bool _hasStacks;

    private MonitorAssembler(MonitorPlan plan, BtfTypes types)
    {
        _plan = plan;
        _types = types;
        _keys = ValueLayout.Of(plan.Keys, text => ShapeOf(text, plan.Hooks, IsTimed));
        Dictionary<string, string> ends = plan.Matching.DistinctBy(static one => one.Start, StringComparer.Ordinal).ToDictionary(static one => one.Start, static one => one.End, StringComparer.Ordinal);
        _matching = ValueLayout.Of([.. ends.Keys], text => ShapeOfBoth(text, ends[text]));
        _matchingEnd = _matching.With(text => ends[text]);
        _events = ValueLayout.Of((plan.Aggregation as Aggregation.Trace)?.Expressions ?? [], text => ShapeOf(text, plan.Hooks, IsTimed, LongestInEvent));
        _value = Expression is { } expression ? ShapeOf(expression, plan.Hooks, IsTimed) : default;
        if (plan.Where is { } where)
        {
            _ = ShapeOf(where, plan.Hooks, IsTimed);
        }
    }

    private bool IsTimed => _plan.Starts.Count > 0;

    private string? Expression => _plan.Aggregation switch
    {
        Aggregation.Sum sum => sum.Expression,
        Aggregation.Histogram histogram => histogram.Expression,
        Aggregation.LinearHistogram linear => linear.Expression,
        _ => null,
    };

    /// <summary>The map with the result; the ring buffer for events.</summary>
    private string Result => _plan.Aggregation switch
    {
        Aggregation.Count => "count",
        Aggregation.Sum => "sum",
        Aggregation.Trace => Events,
        _ => "hist",
    };

    internal static byte[] Assemble(MonitorPlan plan, BtfTypes types) => new MonitorAssembler(plan, types).Assemble();

    private byte[] Assemble()
    {
        if (_events.Size > LargestEvent)
        {
            throw new BpfException($"An event would have {_events.Size} bytes; the most are {LargestEvent}. Name fewer strings.");
        }

        AddMaps();
        _object.AddCounter(Lost);
        if (IsTimed)
        {
            _object.AddCounter(LostStarts);
        }

        int number = 0;
        // One that is both is measured from one call to the next.
        foreach (Hook start in _plan.Starts.Where(start => !IsResult(start)))
        {
            Add(start.Section, $"start_{number++}", StartProgram(start));
        }

        foreach (Hook hook in _plan.Hooks)
        {
            Add(hook.Section, $"{Result}_{number++}", ResultProgram(hook));
        }

        if (_hasStacks)
        {
            _object.AddMap(StackValues.Map, BpfMapType.StackTrace, StackEntries, Integer(sizeof(uint), false), _object.Types.Array(_object.U64, StackDepth));
        }

        return _object.ToArray();
    }

    private bool IsResult(Hook hook) => _plan.Hooks.Any(one => one.Section == hook.Section);

    private bool IsStart(Hook hook) => _plan.Starts.Any(one => one.Section == hook.Section);

    private void Add(string section, string name, CodeWriter code)
    {
        _hasStacks |= code.References.Any(static one => one.Symbol == StackValues.Map);
        _object.AddProgram(section, name, code);
    }

    // The same at all hooks, with room for the longest text.
    private ValueShape ShapeOf(string expression, IReadOnlyList<Hook> hooks, bool hasElapsed, int longest = ExpressionCompiler.TextCapacity)
    {
        ValueShape[] shapes = [.. hooks.Select(hook => ExpressionCompiler.ShapeOf(expression, hook, _types, hasElapsed, longest))];
        int other = Array.FindIndex(shapes, one => one.IsText != shapes[0].IsText);
        if (other > 0)
        {
            throw new BpfException($"Expression '{expression}' is a {(shapes[0].IsText ? "string" : "number")} at {hooks[0].Section} and a {(shapes[other].IsText ? "string" : "number")} at {hooks[other].Section}: it must be the same at all hooks.");
        }

        return shapes[0] with { Size = shapes.Max(static one => one.Size), IsSigned = Array.Exists(shapes, static one => one.IsSigned) };
    }

    // With room for the wider one: a process ID may have 32 bits at one hook and 64 at the other.
    private ValueShape ShapeOfBoth(string start, string end)
    {
        if (start == end)
        {
            return ShapeOf(start, [.. _plan.Starts, .. _plan.Hooks], hasElapsed: false);
        }

        ValueShape first = ShapeOf(start, _plan.Starts, hasElapsed: false), second = ShapeOf(end, _plan.Hooks, hasElapsed: false);
        return first.IsText == second.IsText
            ? first with { Size = Math.Max(first.Size, second.Size), IsSigned = first.IsSigned || second.IsSigned }
            : throw new BpfException($"'{start}' at the start is a {(first.IsText ? "string" : "number")} and '{end}' at the end a {(second.IsText ? "string" : "number")}: what --match names must be of one kind.");
    }

    private void AddMaps()
    {
        if (IsTimed)
        {
            _object.AddMap(Starts, BpfMapType.Hash, StartEntries, Struct("start_key", _matching), _object.U64);
        }

        if (_plan.Aggregation is Aggregation.Trace)
        {
            _object.AddMap(Events, BpfMapType.RingBuf, RingBytes, 0, Struct("event", _events));
            _object.AddMap(Dropped, BpfMapType.PerCpuArray, 1, Integer(sizeof(uint), false), _object.U64);
            return;
        }

        int value = ResultType();
        int size = _object.Types.SizeOf(value);
        if (_plan.Keys.Count == 0)
        {
            _object.AddMap(Result, BpfMapType.PerCpuArray, 1, Integer(sizeof(uint), false), value);
            return;
        }

        long entries = MapBudget / ((long)size * PossibleCpus.Current.Count);
        _object.AddMap(Result, BpfMapType.PerCpuHash, (int)Math.Clamp(entries, LeastEntries, MostEntries), Struct("key", _keys), value);
        _object.AddZeroes(size);
    }

    private int ResultType()
    {
        if (_plan.Aggregation is Aggregation.Count or Aggregation.Sum)
        {
            return Total();
        }

        (string name, int slots) = _plan.Aggregation is Aggregation.LinearHistogram linear ? (BpfLinearRange.Member, linear.Range.Slots) : ("slots", LogSlots);
        return _object.Types.Struct("histogram", HistogramCode.Slots + (slots * sizeof(ulong)),
        [
            ("count", _object.U64, HistogramCode.Count),
            ("total", Total(), HistogramCode.Total),
            ("negative", _object.U64, HistogramCode.Negative),
            (name, _object.Types.Array(_object.U64, slots), HistogramCode.Slots),
        ]);
    }

    private int Total() => Integer(sizeof(ulong), _value.IsSigned);

    private int Struct(string name, ValueLayout layout)
        => _object.Types.Struct(name, layout.Size, [.. layout.Members.Select(member => (member.Name, TypeOf(member.Shape), member.Offset))]);

    private int TypeOf(ValueShape shape)
        => shape.IsText ? _object.Types.Array(_object.Types.Integer("char", 1, BtfIntEncoding.Signed), shape.Size)
            : shape.IsPointer ? _object.Types.Pointer(0)
            : Integer(shape.Size, shape.IsSigned);

    private int Integer(int size, bool isSigned)
    {
        string name = size switch { 1 => "char", 2 => "short", 4 => "int", _ => "long long" };
        return _object.Types.Integer(isSigned ? (size == 1 ? "signed char" : name) : $"unsigned {name}", size, isSigned ? BtfIntEncoding.Signed : BtfIntEncoding.None);
    }

    // R6 has the context.
    private static (CodeWriter Code, StackFrame Frame) Begin()
    {
        var code = new CodeWriter();
        code.Move(Register.R6, Register.R1);
        return (code, new StackFrame());
    }

    private CodeWriter StartProgram(Hook hook)
    {
        (CodeWriter code, StackFrame frame) = Begin();
        WriteStart(code, frame, WriteKey(code, frame, new ExpressionCompiler(code, frame, hook, _types), _matching));
        code.Exit(hook.Kind.Result);
        return code;
    }

    private static void WriteStart(CodeWriter code, StackFrame frame, int key)
    {
        Label end = code.NewLabel();
        int now = frame.Take(sizeof(ulong));
        code.Call(Helper.ClockNanoseconds);
        code.Store(Register.R10, now, Register.R0, sizeof(ulong));
        code.LoadSymbol(Register.R1, Starts);
        code.PointAtStack(Register.R2, key);
        code.PointAtStack(Register.R3, now);
        code.Set(Register.R4, 0);
        code.Call(Helper.MapUpdate);
        code.JumpIf(Condition.Equal, Register.R0, 0, end);
        CountLost(code, LostStarts);
        code.Mark(end);
    }

    private CodeWriter ResultProgram(Hook hook)
    {
        (CodeWriter code, StackFrame frame) = Begin();
        Label end = code.NewLabel();
        (int key, int elapsed) = IsTimed ? WriteElapsed(code, frame, hook, end) : default;
        var expressions = new ExpressionCompiler(code, frame, hook, _types) { ElapsedAt = IsTimed ? elapsed : null };
        if (_plan.Where is { } where)
        {
            expressions.Number(where);
            code.JumpIf(Condition.Equal, Register.R0, 0, end);
        }

        if (_plan.Aggregation is Aggregation.Trace)
        {
            WriteEvent(code, expressions, end);
        }
        else
        {
            WriteResult(code, frame, expressions, end);
        }

        code.Mark(end);
        if (IsStart(hook))
        {
            bool isOther = _plan.Matching.Any(static one => one.Start != one.End);
            WriteStart(code, frame, isOther ? WriteKey(code, frame, new ExpressionCompiler(code, frame, hook, _types), _matching) : key);
        }

        code.Exit(hook.Kind.Result);
        return code;
    }

    // The time since the start; ends the program where no start was seen. A start is used once.
    private (int Key, int Elapsed) WriteElapsed(CodeWriter code, StackFrame frame, Hook hook, Label end)
    {
        int key = WriteKey(code, frame, new ExpressionCompiler(code, frame, hook, _types), _matchingEnd);
        int elapsed = frame.Take(sizeof(ulong));
        code.LoadSymbol(Register.R1, Starts);
        code.PointAtStack(Register.R2, key);
        code.Call(Helper.MapLookup);
        code.JumpIf(Condition.Equal, Register.R0, 0, end);
        code.Load(Register.R7, Register.R0, 0, sizeof(ulong));
        code.Call(Helper.ClockNanoseconds);
        code.Apply(Arithmetic.Subtract, Register.R0, Register.R7);
        code.Store(Register.R10, elapsed, Register.R0, sizeof(ulong));
        code.LoadSymbol(Register.R1, Starts);
        code.PointAtStack(Register.R2, key);
        code.Call(Helper.MapDelete);
        return (key, elapsed);
    }

    private static int WriteKey(CodeWriter code, StackFrame frame, ExpressionCompiler expressions, ValueLayout layout)
    {
        int key = frame.Take(layout.Size);
        for (int at = 0; at < layout.Size; at += sizeof(ulong))
        {
            code.Store(Register.R10, key + at, 0, sizeof(ulong));
        }

        foreach ((string expression, _, ValueShape shape, int offset) in layout.Members)
        {
            expressions.Write(expression, shape, Register.R10, key + offset);
        }

        return key;
    }

    private void WriteEvent(CodeWriter code, ExpressionCompiler expressions, Label end)
    {
        Label reserved = code.NewLabel();
        code.LoadSymbol(Register.R1, Events);
        code.Set(Register.R2, _events.Size);
        code.Set(Register.R3, 0);
        code.Call(Helper.RingReserve);
        code.JumpIf(Condition.NotEqual, Register.R0, 0, reserved);
        code.Store(Register.R10, -sizeof(ulong), 0, sizeof(ulong));
        code.LoadSymbol(Register.R1, Dropped);
        code.PointAtStack(Register.R2, -sizeof(ulong));
        code.Call(Helper.MapLookup);
        code.JumpIf(Condition.Equal, Register.R0, 0, end);
        code.Set(Register.R1, 1);
        code.AddAtomically(Register.R0, 0, Register.R1);
        code.Jump(end);
        code.Mark(reserved);
        code.Move(Register.R9, Register.R0);
        foreach ((string expression, _, ValueShape shape, int offset) in _events.Members)
        {
            expressions.Write(expression, shape, Register.R9, offset);
        }

        code.Move(Register.R1, Register.R9);
        code.Set(Register.R2, 0);
        code.Call(Helper.RingSubmit);
    }

    private void WriteResult(CodeWriter code, StackFrame frame, ExpressionCompiler expressions, Label end)
    {
        int value = frame.Take(sizeof(ulong));
        if (Expression is { } expression)
        {
            expressions.Number(expression);
            code.Store(Register.R10, value, Register.R0, sizeof(ulong));
        }

        int key = WriteKey(code, frame, expressions, _keys);
        FindEntry(code, key, end);
        if (_plan.Aggregation is Aggregation.Count)
        {
            code.Set(Register.R1, 1);
            code.AddAtomically(Register.R0, 0, Register.R1);
            return;
        }

        code.Load(Register.R1, Register.R10, value, sizeof(ulong));
        if (_plan.Aggregation is Aggregation.Sum)
        {
            code.AddAtomically(Register.R0, 0, Register.R1);
            return;
        }

        new HistogramCode(code, _value.IsSigned, (_plan.Aggregation as Aggregation.LinearHistogram)?.Range, end).Add();
    }

    // Leaves the address of the entry in R0, which is new where there was none. Without room it is counted.
    private void FindEntry(CodeWriter code, int key, Label end)
    {
        Label found = code.NewLabel();
        Lookup();
        code.JumpIf(Condition.NotEqual, Register.R0, 0, found);
        if (_plan.Keys.Count > 0)
        {
            const int NoExist = 1;
            code.LoadSymbol(Register.R1, Result);
            code.PointAtStack(Register.R2, key);
            code.LoadSymbol(Register.R3, ObjectWriter.Zeroes);
            code.Set(Register.R4, NoExist);
            code.Call(Helper.MapUpdate);
            Lookup();
            code.JumpIf(Condition.NotEqual, Register.R0, 0, found);
        }

        CountLost(code, Lost);
        code.Jump(end);
        code.Mark(found);

        void Lookup()
        {
            code.LoadSymbol(Register.R1, Result);
            code.PointAtStack(Register.R2, key);
            code.Call(Helper.MapLookup);
        }
    }

    private static void CountLost(CodeWriter code, string counter)
    {
        code.LoadSymbol(Register.R1, counter);
        code.Set(Register.R2, 1);
        code.AddAtomically(Register.R1, 0, Register.R2);
    }
}
