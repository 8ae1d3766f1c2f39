using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports counters whose first count can be lost: a key that is not found is added with its first count, and not looked up once more. Keys of the thread or the CPU that runs the program
/// are not reported, nor maps from which a program deletes: those usually keep a state, which one thread at a time writes.
/// </summary>
internal static class FirstCountCheck
{
    private const int Lookup = 1;
    private const int Update = 2;
    private const int Delete = 3;
    private const int Map = 1;
    private const int Key = 2;
    private const int Value = 3;
    private const int Flags = 4;
    private const int Any = 0;
    private const int NoExist = 1;
    private const int FramePointer = 10;
    private const int Farthest = 1024;
    private const byte MoveRegister32 = BpfOpCode.ClassArithmetic32 | BpfOpCode.OperationMove | BpfOpCode.SourceRegister;

    // Their keys are used by one CPU at a time.
    private static readonly HashSet<int> s_own = Numbers("bpf_get_current_pid_tgid", "bpf_get_smp_processor_id", "bpf_get_current_task", "bpf_get_current_task_btf");

    // A value that begins with the time is a state.
    private static readonly HashSet<int> s_times = Numbers("bpf_ktime_get_ns", "bpf_ktime_get_boot_ns", "bpf_ktime_get_coarse_ns", "bpf_ktime_get_tai_ns", "bpf_jiffies64");

    private static readonly HashSet<int> s_lookups = Numbers("bpf_map_lookup_elem", "bpf_map_lookup_percpu_elem");

    // They call a function of the object, which may look the key up.
    private static readonly HashSet<int> s_callers = Numbers("bpf_loop", "bpf_for_each_map_elem", "bpf_timer_set_callback", "bpf_find_vma", "bpf_user_ringbuf_drain");

    public static void Run(BpfObjectSpec spec, SourceLines lines, Findings findings)
    {
        Dictionary<string, BpfMapSpec> maps = spec.Maps.Where(static map => map.Type is BpfMapType.Hash or BpfMapType.LruHash or BpfMapType.PerCpuHash or BpfMapType.LruPerCpuHash)
            .ToDictionary(static map => map.Name, StringComparer.Ordinal);
        if (maps.Count == 0)
        {
            return;
        }

        (ElfSection Section, StraightLine Code)[] sections = [.. StraightLine.SectionsOf(spec).Select(section => (section, new StraightLine(spec, section)))];
        var deleted = new HashSet<string?>(sections.SelectMany(static one => CallsOf(one.Section, Delete).Select(at => one.Code.Map(at, Map))));
        if (deleted.Contains(null))
        {
            return;
        }

        foreach ((ElfSection section, StraightLine code) in sections.Where(one => !RunsAlone(spec, one.Section)))
        {
            var reported = new HashSet<int>();
            foreach (int lookup in CallsOf(section, Lookup))
            {
                if (code.Map(lookup, Map) is { } name && maps.TryGetValue(name, out BpfMapSpec? map) && !deleted.Contains(name) && FunctionOf(spec, section, lookup) is var (start, end)
                    && UpdateAfter(code, lookup, start, end, map) is >= 0 and int update && reported.Add(update))
                {
                    findings.Add(SourceIds.FirstCount, name, lines.At(section.Name, (uint)(update * BpfInstruction.Size)), name,
                        code.Constant(update, Flags) == NoExist ? "with BPF_NOEXIST, the second bpf_map_update_elem fails" : "with BPF_ANY, the second bpf_map_update_elem overwrites the first");
                }
            }
        }
    }

    // The update that adds the key of a lookup with its first count; -1 without one.
    private static int UpdateAfter(StraightLine code, int lookup, int start, int end, BpfMapSpec map)
    {
        if (code.Frame(lookup, Key) is not { } key)
        {
            return -1;
        }

        LookupPaths? paths = null;
        for (int at = lookup + 1; at < Math.Min(end, lookup + Farthest); at++)
        {
            if (IsHelper(code.Code[at], Update) && code.Map(at, Map) == map.Name && code.Frame(at, Key) == key && Loses(code, at, map) && code.Frame(at, Value) is { } first
                && (paths ??= new LookupPaths(code.Code, lookup)).IsOnlyMissed(at) && paths.Counters.Any(counter => Counts(code, start, end, first + counter)) && !LooksUpAfter(code, at, map.Name)
                && !IsOwn(code, start, end, key, map.KeySize))
            {
                return at;
            }
        }

        return -1;
    }

    // In a per-CPU map, an update without flags sets the value of this CPU only. A program that looks at the result of BPF_NOEXIST may count there.
    private static bool Loses(StraightLine code, int update, BpfMapSpec map) => code.Constant(update, Flags) switch
    {
        Any => map.Type is BpfMapType.Hash or BpfMapType.LruHash,
        NoExist => !ReadsResult(code, update),
        _ => false,
    };

    private static bool ReadsResult(StraightLine code, int call)
    {
        for (int at = call + 1; at < code.Code.Count; at++)
        {
            BpfInstruction one = code.Code[at];
            if (one.IsWideLoad)
            {
                at++;
            }
            else if (one.IsCall || one.OpCode is BpfOpCode.Exit or BpfOpCode.JumpAlways or BpfOpCode.JumpLong || one.OpCode is BpfOpCode.MoveConstant or BpfOpCode.MoveConstant32 && one.Destination == 0)
            {
                return false;
            }
            else if ((one.Destination == 0 && one.Class is BpfOpCode.ClassJump or BpfOpCode.ClassJump32 or BpfOpCode.ClassArithmetic32 or BpfOpCode.ClassArithmetic64)
                || (one.Source == 0 && (one.OpCode & BpfOpCode.SourceRegister) != 0 && one.Class is not BpfOpCode.ClassStore))
            {
                return true;
            }
        }

        return false;
    }

    // The first value has a number there that is neither 0 nor a time.
    private static bool Counts(StraightLine code, int start, int end, int place)
    {
        bool counts = false;
        foreach (int at in StoresAt(code, start, end, place, 1))
        {
            BpfInstruction one = code.Code[at];
            if (one.Class == BpfOpCode.ClassStoreRegister && s_times.Contains(HelperOf(code, at, one.Source)))
            {
                return false;
            }

            counts |= one.Class == BpfOpCode.ClassStore ? one.Immediate != 0 : code.Origin(at, one.Source) >= 0 && code.Constant(at, one.Source) is not 0;
        }

        return counts;
    }

    private static bool IsOwn(StraightLine code, int start, int end, int key, int size)
        => StoresAt(code, start, end, key, size).Any(at => code.Code[at].Class == BpfOpCode.ClassStoreRegister && s_own.Contains(HelperOf(code, at, code.Code[at].Source)));

    // The stores into a part of the stack, anywhere in the function.
    private static IEnumerable<int> StoresAt(StraightLine code, int start, int end, int place, int size)
        => Enumerable.Range(start, end - start).Where(at => code.Code[at] is { Destination: FramePointer, Class: BpfOpCode.ClassStore or BpfOpCode.ClassStoreRegister } one
            && one.Offset < place + size && one.Offset + SizeOf(one) > place);

    private static int SizeOf(BpfInstruction one) => (one.OpCode & BpfOpCode.SizeMask) switch
    {
        BpfOpCode.SizeByte => sizeof(byte),
        BpfOpCode.SizeHalf => sizeof(short),
        BpfOpCode.SizeWord => sizeof(int),
        _ => sizeof(long),
    };

    // The helper whose result a register has, perhaps cut to its lower half.
    private static int HelperOf(StraightLine code, int at, int register)
    {
        int origin = code.Origin(at, register);
        while (origin >= 0 && code.Code[origin].OpCode == MoveRegister32)
        {
            origin = code.Origin(origin, code.Code[origin].Source);
        }

        return origin >= 0 && code.Code[origin] is { IsCall: true, Source: 0 } call ? call.Immediate : 0;
    }

    // A function of the object may look the key up too.
    private static bool LooksUpAfter(StraightLine code, int update, string map)
    {
        var seen = new HashSet<int>();
        var pending = new Stack<int>(LookupPaths.After(code.Code, update));
        while (pending.Count > 0)
        {
            int at = pending.Pop();
            if (at < 0 || at >= code.Code.Count || !seen.Add(at))
            {
                continue;
            }

            BpfInstruction one = code.Code[at];
            if (one.IsCall && (one.Source == BpfOpCode.PseudoCall || (one.Source == 0 && (s_callers.Contains(one.Immediate) || (s_lookups.Contains(one.Immediate) && (code.Map(at, Map) ?? map) == map)))))
            {
                return true;
            }

            foreach (int next in LookupPaths.After(code.Code, at))
            {
                pending.Push(next);
            }
        }

        return false;
    }

    // C# starts such a program, which runs once then.
    private static bool RunsAlone(BpfObjectSpec spec, ElfSection section)
        => spec.Programs.Any(program => program.Code.Index == section.Index && (program.Type == BpfProgramType.Syscall || program.Section.Attach == AttachKind.Iterator));

    private static (int Start, int End)? FunctionOf(BpfObjectSpec spec, ElfSection section, int at)
    {
        ulong offset = (ulong)at * BpfInstruction.Size;
        foreach (ElfSymbol symbol in spec.Elf.Symbols)
        {
            if (symbol.Type == ElfSymbolType.Function && symbol.SectionIndex == section.Index && offset >= symbol.Value && offset < symbol.Value + symbol.Size && symbol.Value + symbol.Size <= (ulong)section.Data.Length)
            {
                return ((int)(symbol.Value / BpfInstruction.Size), (int)((symbol.Value + symbol.Size) / BpfInstruction.Size));
            }
        }

        return null;
    }

    private static IEnumerable<int> CallsOf(ElfSection section, int helper) => HelperCalls.In(section).Where(call => call.Helper == helper).Select(static call => (int)(call.Offset / BpfInstruction.Size));

    private static bool IsHelper(BpfInstruction one, int helper) => one.IsCall && one.Source == 0 && one.Immediate == helper;

    private static HashSet<int> Numbers(params string[] helpers) => [.. helpers.Select(BpfHelpers.NumberOf)];
}
