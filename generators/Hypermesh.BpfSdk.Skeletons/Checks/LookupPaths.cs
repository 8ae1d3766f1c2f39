using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Follows the result of one lookup of a map through the registers, on the paths where the key was found and on those where it was not. Where two such paths meet, only what is the same on both is kept.
/// </summary>
internal sealed class LookupPaths
{
    private const int Registers = 11;
    private const int LastArgument = 5;
    private const int JumpIfZero = 0x15;
    private const int JumpIfNotZero = 0x55;
    private const int OperationAdd = 0x00;
    private const int Fetches = 1;

    // A key is added close to where it was looked up. Functions whose loops are unrolled have hundreds of look-ups and a hundred thousand instructions.
    private const int MostSteps = 4096;

    private readonly IReadOnlyList<BpfInstruction> _code;
    private readonly int _lookup;
    private readonly Dictionary<(int At, Outcome Outcome), Value[]> _before = [];
    private readonly Stack<(int At, Outcome Outcome)> _pending = new();

    /// <summary>Follows the result of a lookup until the end of its function, or until the lookup is called again.</summary>
    public LookupPaths(IReadOnlyList<BpfInstruction> code, int lookup)
    {
        _code = code;
        _lookup = lookup;
        var registers = new Value[Registers];
        registers[0] = new Value(Kind.Pointer, 0, 0);
        Enter(lookup + 1, Outcome.Open, registers);
        for (int steps = 0; _pending.Count > 0 && steps < MostSteps; steps++)
        {
            (int at, Outcome outcome) = _pending.Pop();
            Step(at, outcome, (Value[])_before[(at, outcome)].Clone());
        }
    }

    private enum Outcome
    {
        /// <summary>The result was not compared with NULL yet.</summary>
        Open,
        Found,
        Missed,
    }

    private enum Kind : byte
    {
        Unknown,

        /// <summary>The value of the key, or NULL.</summary>
        Pointer,

        /// <summary>What the value has at an offset.</summary>
        Content,

        /// <summary>The same, and something is added to it.</summary>
        Sum,
    }

    /// <summary>Where in the value the program adds to what is there.</summary>
    public HashSet<int> Counters { get; } = [];

    /// <summary>Returns true for an instruction that is reached only where the key was not found; false where not all paths were followed.</summary>
    public bool IsOnlyMissed(int at) => _pending.Count == 0 && _before.ContainsKey((at, Outcome.Missed)) && !_before.ContainsKey((at, Outcome.Found)) && !_before.ContainsKey((at, Outcome.Open));

    /// <summary>Returns the instructions that may run after one.</summary>
    public static IEnumerable<int> After(IReadOnlyList<BpfInstruction> code, int at)
    {
        BpfInstruction one = code[at];
        if (one.OpCode == BpfOpCode.Exit)
        {
            yield break;
        }

        if (IsJump(one))
        {
            yield return at + 1 + (one.OpCode == BpfOpCode.JumpLong ? one.Immediate : one.Offset);
        }

        if (one.OpCode is not BpfOpCode.JumpAlways and not BpfOpCode.JumpLong)
        {
            yield return at + (one.IsWideLoad ? 2 : 1);
        }
    }

    /// <summary>Returns true for a jump, with or without a condition; a call is none.</summary>
    public static bool IsJump(BpfInstruction one) => one.Class is BpfOpCode.ClassJump or BpfOpCode.ClassJump32 && one.OpCode is not BpfOpCode.Exit && !one.IsCall;

    private void Enter(int at, Outcome outcome, Value[] registers)
    {
        if (at < 0 || at >= _code.Count || at == _lookup)
        {
            return;
        }

        if (!_before.TryGetValue((at, outcome), out Value[]? known))
        {
            _before[(at, outcome)] = (Value[])registers.Clone();
            _pending.Push((at, outcome));
            return;
        }

        bool changed = false;
        for (int i = 0; i < Registers; i++)
        {
            if (known[i] != registers[i] && known[i].Kind != Kind.Unknown)
            {
                known[i] = default;
                changed = true;
            }
        }

        if (changed)
        {
            _pending.Push((at, outcome));
        }
    }

    private void Step(int at, Outcome outcome, Value[] registers)
    {
        BpfInstruction one = _code[at];
        bool isCheck = one.OpCode is JumpIfZero or JumpIfNotZero && one.Immediate == 0 && registers[one.Destination] is { Kind: Kind.Pointer, Offset: 0 };
        if (isCheck)
        {
            (Outcome jumps, Outcome continues) = one.OpCode == JumpIfZero ? (Outcome.Missed, Outcome.Found) : (Outcome.Found, Outcome.Missed);
            if (outcome == Outcome.Open || outcome == jumps)
            {
                Enter(at + 1 + one.Offset, jumps, registers);
            }

            if (outcome == Outcome.Open || outcome == continues)
            {
                Enter(at + 1, continues, registers);
            }

            return;
        }

        Apply(one, registers, outcome);
        foreach (int next in After(_code, at))
        {
            Enter(next, outcome, registers);
        }
    }

    private void Apply(BpfInstruction one, Value[] registers, Outcome outcome)
    {
        if (one.IsCall)
        {
            Array.Clear(registers, 0, LastArgument + 1);
            return;
        }

        int size = one.OpCode & BpfOpCode.SizeMask;
        Value destination = registers[one.Destination];
        switch (one.Class)
        {
            case BpfOpCode.ClassStoreRegister:
                bool isAtomic = (one.OpCode & BpfOpCode.ModeMask) == BpfOpCode.ModeAtomic;
                bool adds = isAtomic ? (one.Immediate & ~Fetches) == OperationAdd : registers[one.Source] == new Value(Kind.Sum, destination.Offset + one.Offset, size);
                if (outcome == Outcome.Found && destination.Kind == Kind.Pointer && adds)
                {
                    Counters.Add(destination.Offset + one.Offset);
                }

                if (isAtomic && (one.Immediate & Fetches) != 0)
                {
                    registers[one.Source] = default;
                    registers[0] = default;
                }

                break;
            case BpfOpCode.ClassLoadRegister:
                bool isContent = (one.OpCode & BpfOpCode.ModeMask) == BpfOpCode.ModeMemory && registers[one.Source].Kind == Kind.Pointer;
                registers[one.Destination] = isContent ? new Value(Kind.Content, registers[one.Source].Offset + one.Offset, size) : default;
                break;
            case BpfOpCode.ClassLoad:
                registers[one.Destination] = default;
                break;
            case BpfOpCode.ClassArithmetic32 or BpfOpCode.ClassArithmetic64:
                registers[one.Destination] = Result(one, destination, registers[one.Source]);
                break;
        }
    }

    private static Value Result(BpfInstruction one, Value destination, Value source)
    {
        bool usesRegister = (one.OpCode & BpfOpCode.SourceRegister) != 0;
        switch (one.OpCode & BpfOpCode.OperationMask)
        {
            case BpfOpCode.OperationMove when usesRegister && one.Offset == 0 && (one.Class == BpfOpCode.ClassArithmetic64 || source.Kind != Kind.Pointer):
                return source;
            case OperationAdd when destination.Kind == Kind.Pointer:
                return one.OpCode == BpfOpCode.AddConstant ? destination with { Offset = destination.Offset + one.Immediate } : default;
            case OperationAdd when destination.Kind is Kind.Content or Kind.Sum:
                return usesRegister || one.Immediate > 0 ? destination with { Kind = Kind.Sum } : default;
            case OperationAdd when usesRegister && source.Kind is Kind.Content or Kind.Sum:
                return source with { Kind = Kind.Sum };
            default:
                return default;
        }
    }

    private readonly record struct Value(Kind Kind, int Offset, int Size);
}
