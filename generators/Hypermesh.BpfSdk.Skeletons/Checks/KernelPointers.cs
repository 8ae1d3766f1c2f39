using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Tracks the pointers that the kernel passes to a program, its own and those of a process, through the program's registers and stack. Where two paths meet, only what is the same on both is kept, so a value counts
/// as such a pointer only if it is one on every path.
/// </summary>
internal sealed class KernelPointers
{
    private const int Registers = 11;
    private const int FramePointer = 10;
    private const int MostArguments = 5;
    private const int GetCurrentTask = 35;
    private const int GetCurrentTaskBtf = 158;
    private const int ProbeRead = 4;
    private const int ProbeReadKernel = 113;
    private const int ProbeReadKernelText = 115;
    private const int ProbeReadText = 45;
    private const int ProbeReadUser = 112;
    private const int ProbeReadUserText = 114;
    private const int MostSteps = 200_000;

    private readonly BpfInstruction[] _code;
    private readonly uint _start;
    private readonly HashSet<uint> _relocated;
    private readonly bool _passesPointers;
    private readonly ProcessValues _processValues;
    private readonly State?[] _before;

    private KernelPointers(BpfInstruction[] code, uint start, HashSet<uint> relocated, bool passesPointers, ProcessValues processValues)
    {
        _code = code;
        _start = start;
        _relocated = relocated;
        _passesPointers = passesPointers;
        _processValues = processValues;
        _before = new State?[code.Length];
    }

    private enum Value : byte
    {
        Unknown,
        Context,

        /// <summary>A register beside the context's at the start, for a parameter that no program gets.</summary>
        OtherParameter,

        /// <summary>A pointer from the context, or one read through such a pointer. The verifier knows its type, and loads may use it.</summary>
        Kernel,

        /// <summary>A <see cref="Kernel"/> pointer plus a constant that no relocation changes.</summary>
        KernelAtFixed,

        /// <summary>The address that bpf_get_current_task returns. The verifier does not know its type, so only a helper can read from it.</summary>
        Task,

        /// <summary>A <see cref="Task"/> address plus a constant that no relocation changes.</summary>
        TaskAtFixed,

        /// <summary>An address of the program's stack.</summary>
        Frame,

        /// <summary>A constant, such as the place of a field, which a relocation may change.</summary>
        Number,

        /// <summary>The registers with which a process made a system call, in memory of the kernel; or, on a kernel whose functions take the arguments themselves, an argument.</summary>
        Registers,

        /// <summary>A value that the process passed. As an address it refers to the memory of the process.</summary>
        Process,
    }

    /// <summary>Finds the reads through a kernel pointer at an offset that no relocation changes.</summary>
    /// <param name="program">The program.</param>
    /// <param name="relocated">The instructions with relocations, in bytes from the start of the section.</param>
    /// <param name="passesPointers">True when its context holds pointers to structs of the kernel.</param>
    /// <returns>The place in bytes from the start of the section, and whether the instructions alone show that a field is read: offset 0 may also be the whole value.</returns>
    public static IReadOnlyList<(uint Offset, bool IsField)> FixedReads(BpfProgramSpec program, HashSet<uint> relocated, bool passesPointers)
    {
        KernelPointers? pointers = Follow(program, relocated, passesPointers, ProcessValues.None);
        var found = new List<(uint Offset, bool IsField)>();
        for (int at = 0; pointers is not null && at < pointers._code.Length; at++)
        {
            if (pointers._before[at] is { } state && pointers.ReadsAtFixed(at, pointers._code[at], state) is { } isField)
            {
                found.Add((pointers.OffsetOf(at), isField));
            }
        }

        return found;
    }

    /// <summary>Finds the calls of helpers that read kernel memory, with an address that a process passed.</summary>
    /// <param name="program">The program.</param>
    /// <param name="values">Where the program finds what the process passed.</param>
    /// <returns>The place in bytes from the start of the section, and the helper.</returns>
    public static IReadOnlyList<(uint Offset, int Helper)> ReadsOfProcess(BpfProgramSpec program, ProcessValues values)
    {
        KernelPointers? pointers = Follow(program, [], passesPointers: false, values);
        var found = new List<(uint Offset, int Helper)>();
        for (int at = 0; pointers is not null && at < pointers._code.Length; at++)
        {
            if (pointers._before[at] is { } state && IsCallOf(pointers._code[at], ProbeReadKernel, ProbeReadKernelText) && state.Registers[3] == Value.Process)
            {
                found.Add((pointers.OffsetOf(at), pointers._code[at].Immediate));
            }
        }

        return found;
    }

    /// <summary>Finds the loads from a program's context.</summary>
    /// <returns>The place in bytes from the start of the section, and the place in the context.</returns>
    public static IReadOnlyList<(uint Offset, int Place)> ReadsOfContext(BpfProgramSpec program)
    {
        KernelPointers? pointers = Follow(program, [], passesPointers: false, ProcessValues.None);
        var found = new List<(uint Offset, int Place)>();
        for (int at = 0; pointers is not null && at < pointers._code.Length; at++)
        {
            BpfInstruction one = pointers._code[at];
            if (pointers._before[at] is { } state && one.Class == BpfOpCode.ClassLoadRegister && state.Registers[Math.Min(one.Source, (byte)FramePointer)] == Value.Context)
            {
                found.Add((pointers.OffsetOf(at), one.Offset));
            }
        }

        return found;
    }

    /// <summary>Finds what a program does with the parameters of its function. The first is its context.</summary>
    public static ParameterUses UsesOfParameters(BpfProgramSpec program)
    {
        KernelPointers? pointers = Follow(program, [], passesPointers: false, ProcessValues.None);
        var uses = ParameterUses.None;
        for (int at = 0; pointers is not null && at < pointers._code.Length; at++)
        {
            uses |= pointers._before[at] is { } state ? UsesAt(pointers._code[at], state) : ParameterUses.None;
        }

        return uses;
    }

    // Null where nothing is certain.
    private static KernelPointers? Follow(BpfProgramSpec program, HashSet<uint> relocated, bool passesPointers, ProcessValues processValues)
    {
        ReadOnlySpan<byte> section = program.Code.Data.Span;
        if (program.Symbol.Value + program.Symbol.Size > (ulong)section.Length || program.Symbol.Value % BpfInstruction.Size != 0)
        {
            return null;
        }

        BpfInstruction[] code = MemoryMarshal.Cast<byte, BpfInstruction>(section.Slice((int)program.Symbol.Value, (int)program.Symbol.Size)).ToArray();
        if (code.Length == 0)
        {
            return null;
        }

        var pointers = new KernelPointers(code, (uint)program.Symbol.Value, relocated, passesPointers, processValues);
        return pointers.Follow() ? pointers : null;
    }

    // False where the end was not reached: then no value is certain.
    private bool Follow()
    {
        var pending = new Stack<int>();
        var entry = new State();
        entry.Registers[1] = Value.Context;
        for (int i = 2; i <= MostArguments; i++)
        {
            entry.Registers[i] = Value.OtherParameter;
        }

        entry.Registers[FramePointer] = Value.Frame;
        Enter(0, entry, pending);
        for (int steps = 0; pending.Count > 0 && steps < MostSteps; steps++)
        {
            int at = pending.Pop();
            State state = _before[at]!.Copy();
            BpfInstruction one = _code[at];
            Step(at, one, state);
            if (one.OpCode == BpfOpCode.Exit)
            {
                continue;
            }

            bool jumps = one.Class is BpfOpCode.ClassJump or BpfOpCode.ClassJump32 && !one.IsCall;
            bool isLong = one.OpCode == BpfOpCode.JumpLong;
            if (jumps)
            {
                Enter(at + 1 + (isLong ? one.Immediate : one.Offset), state, pending);
            }

            if (!jumps || (one.OpCode != BpfOpCode.JumpAlways && !isLong))
            {
                Enter(at + (one.IsWideLoad ? 2 : 1), state, pending);
            }
        }

        return pending.Count == 0;
    }

    private void Enter(int at, State state, Stack<int> pending)
    {
        if (at < 0 || at >= _code.Length)
        {
            return;
        }

        if (_before[at] is not { } known)
        {
            _before[at] = state.Copy();
            pending.Push(at);
        }
        else if (known.Meet(state))
        {
            pending.Push(at);
        }
    }

    // Null where nothing is read at a fixed offset. A helper may also read through a pointer to plain numbers; from the current task it can only read a field.
    private bool? ReadsAtFixed(int at, BpfInstruction one, State state)
    {
        if (one.Class == BpfOpCode.ClassLoadRegister && (one.OpCode & BpfOpCode.ModeMask) == BpfOpCode.ModeMemory)
        {
            Value from = state.Registers[Math.Min(one.Source, (byte)FramePointer)];
            return from is Value.KernelAtFixed ? true : from is Value.Kernel && !_relocated.Contains(OffsetOf(at)) ? one.Offset != 0 : null;
        }

        return IsCallOf(one, ProbeRead, ProbeReadKernel) && state.Registers[3] is Value.KernelAtFixed or Value.TaskAtFixed
            ? state.Registers[3] == Value.TaskAtFixed
            : null;
    }

    private static ParameterUses UsesAt(BpfInstruction one, State state)
    {
        Value destination = state.Registers[Math.Min(one.Destination, (byte)FramePointer)];
        Value source = state.Registers[Math.Min(one.Source, (byte)FramePointer)];
        if (one.IsCall)
        {
            // How many arguments it takes is not known, so what a register still has from the start may not be one.
            bool reads = one.Source != 0 ? state.Registers.Skip(1).Take(MostArguments).Contains(Value.Context)
                : state.Registers[3] == Value.Context && one.Immediate is ProbeRead or ProbeReadText or ProbeReadUser or ProbeReadKernel or ProbeReadUserText or ProbeReadKernelText;
            return (state.Registers[1] == Value.Context ? ParameterUses.Value : ParameterUses.None) | (reads ? ParameterUses.Value | ParameterUses.Content : ParameterUses.None);
        }

        return one.Class switch
        {
            BpfOpCode.ClassLoadRegister => UseOf(source, isContent: true),
            BpfOpCode.ClassStore => UseOf(destination, isContent: true),
            BpfOpCode.ClassStoreRegister => UseOf(destination, isContent: true) | UseOf(source, isContent: false),
            BpfOpCode.ClassArithmetic64 when one.OpCode is BpfOpCode.AddConstant or BpfOpCode.AddRegister => UseOf(destination, isContent: true) | SourceUse(one, source, isContent: true),
            BpfOpCode.ClassArithmetic64 or BpfOpCode.ClassArithmetic32 when (one.OpCode & BpfOpCode.OperationMask) == BpfOpCode.OperationMove => SourceUse(one, source, isContent: false),
            BpfOpCode.ClassArithmetic64 or BpfOpCode.ClassArithmetic32 or BpfOpCode.ClassJump or BpfOpCode.ClassJump32 => UseOf(destination, isContent: false) | SourceUse(one, source, isContent: false),
            _ => ParameterUses.None,
        };
    }

    private static ParameterUses SourceUse(BpfInstruction one, Value source, bool isContent)
        => (one.OpCode & BpfOpCode.SourceRegister) != 0 ? UseOf(source, isContent) : ParameterUses.None;

    private static ParameterUses UseOf(Value value, bool isContent) => value switch
    {
        Value.Context => isContent ? ParameterUses.Value | ParameterUses.Content : ParameterUses.Value,
        Value.OtherParameter => ParameterUses.Others,
        _ => ParameterUses.None,
    };

    private void Step(int at, BpfInstruction one, State state)
    {
        Value[] registers = state.Registers;
        int destination = Math.Min(one.Destination, (byte)FramePointer);
        int source = Math.Min(one.Source, (byte)FramePointer);
        bool isRelocated = _relocated.Contains(OffsetOf(at));
        if (one.IsCall)
        {
            if (IsCallOf(one, ProbeRead, ProbeReadKernel) && registers[1] == Value.Frame)
            {
                // Registers are copied out of the kernel one by one, as BPF_KSYSCALL and BPF_CORE_READ do.
                Store(state.FrameOffsets[1], state, registers[3] == Value.Registers ? Value.Process : Value.Unknown);
            }

            registers[0] = one.Source != 0 ? Value.Unknown : one.Immediate switch { GetCurrentTask => Value.Task, GetCurrentTaskBtf => Value.Kernel, _ => Value.Unknown };
            for (int i = 1; i <= MostArguments; i++)
            {
                registers[i] = Value.Unknown;
            }

            return;
        }

        switch (one.Class)
        {
            case BpfOpCode.ClassLoadRegister when one.OpCode == BpfOpCode.LoadDouble && source == FramePointer:
                registers[destination] = state.Stack.TryGetValue(one.Offset, out Value spilled) ? spilled : Value.Unknown;
                break;
            case BpfOpCode.ClassLoadRegister:
                registers[destination] = one.OpCode != BpfOpCode.LoadDouble ? Value.Unknown : registers[source] switch
                {
                    Value.Context when _processValues.Holds(one.Offset) => _processValues.ArePassed ? Value.Process : Value.Registers,
                    Value.Registers => Value.Process,
                    Value.Context when _passesPointers => Value.Kernel,
                    Value.Kernel or Value.KernelAtFixed => Value.Kernel,
                    _ => Value.Unknown,
                };
                break;
            case BpfOpCode.ClassStore or BpfOpCode.ClassStoreRegister when destination == FramePointer:
                Store(one.Offset, state, one.OpCode == BpfOpCode.StoreDouble && registers[source] != Value.Frame ? registers[source] : Value.Unknown);
                break;
            case BpfOpCode.ClassArithmetic64 when one.OpCode == BpfOpCode.MoveRegister && one.Offset == 0:
                registers[destination] = registers[source];
                state.FrameOffsets[destination] = state.FrameOffsets[source];
                break;
            case BpfOpCode.ClassArithmetic64 when one.OpCode == BpfOpCode.MoveConstant:
                registers[destination] = Value.Number;
                break;
            case BpfOpCode.ClassArithmetic64 when one.OpCode == BpfOpCode.AddRegister:
                registers[destination] = registers[source] == Value.Number ? WithNumber(registers[destination])
                    : registers[destination] == Value.Number ? WithNumber(registers[source])
                    : Value.Unknown;
                break;
            case BpfOpCode.ClassArithmetic64 when one.OpCode == BpfOpCode.AddConstant:
                registers[destination] = isRelocated ? Value.Unknown : registers[destination] switch
                {
                    Value.Kernel or Value.KernelAtFixed => Value.KernelAtFixed,
                    Value.Task or Value.TaskAtFixed => Value.TaskAtFixed,
                    Value.Frame => Value.Frame,
                    Value other => WithNumber(other),
                };
                state.FrameOffsets[destination] += one.Immediate;
                break;
            case BpfOpCode.ClassArithmetic64 or BpfOpCode.ClassArithmetic32 or BpfOpCode.ClassLoad:
                registers[destination] = Value.Unknown;
                break;
        }
    }

    // A field of a struct whose address the process passed.
    private static Value WithNumber(Value value) => value is Value.Registers or Value.Process or Value.Number ? value : Value.Unknown;

    // A store removes every slot that it overlaps.
    private static void Store(int offset, State state, Value value)
    {
        foreach (int slot in state.Stack.Keys.Where(slot => Math.Abs(slot - offset) < sizeof(ulong)).ToArray())
        {
            state.Stack.Remove(slot);
        }

        if (value != Value.Unknown)
        {
            state.Stack[offset] = value;
        }
    }

    private static bool IsCallOf(BpfInstruction one, int helper, int other) => one.IsCall && one.Source == 0 && (one.Immediate == helper || one.Immediate == other);

    private uint OffsetOf(int at) => _start + (uint)(at * BpfInstruction.Size);

    private sealed class State
    {
        public Value[] Registers { get; private set; } = new Value[KernelPointers.Registers];

        /// <summary>For a <see cref="Value.Frame"/>, how far it is from the end of the stack.</summary>
        public int[] FrameOffsets { get; private set; } = new int[KernelPointers.Registers];

        public Dictionary<int, Value> Stack { get; private set; } = [];

        public State Copy() => new() { Registers = (Value[])Registers.Clone(), FrameOffsets = (int[])FrameOffsets.Clone(), Stack = new Dictionary<int, Value>(Stack) };

        /// <summary>Keeps only what is the same in both states; true when something changed.</summary>
        public bool Meet(State other)
        {
            bool lost = false;
            for (int i = 0; i < Registers.Length; i++)
            {
                Value common = Registers[i] == Value.Frame && FrameOffsets[i] != other.FrameOffsets[i] ? Value.Unknown : Common(Registers[i], other.Registers[i]);
                lost |= common != Registers[i];
                Registers[i] = common;
            }

            foreach (KeyValuePair<int, Value> entry in Stack.ToArray())
            {
                Value common = other.Stack.TryGetValue(entry.Key, out Value value) ? Common(entry.Value, value) : Value.Unknown;
                if (common == Value.Unknown)
                {
                    Stack.Remove(entry.Key);
                }
                else
                {
                    Stack[entry.Key] = common;
                }

                lost |= common != entry.Value;
            }

            return lost;
        }

        // An argument is one on both kinds of kernel, though one kind passes it in registers.
        private static Value Common(Value one, Value other)
            => one == other ? one
                : one is Value.Process or Value.Registers && other is Value.Process or Value.Registers ? Value.Process
                : Value.Unknown;
    }
}

/// <summary>What a program does with the parameters of its function.</summary>
[Flags]
internal enum ParameterUses
{
    None = 0,

    /// <summary>The first is read, or passed on.</summary>
    Value = 1,

    /// <summary>What the first points to is read or written, perhaps by a function that gets it.</summary>
    Content = 2,

    /// <summary>Another one is read. The kernel sets only the first.</summary>
    Others = 4,
}
