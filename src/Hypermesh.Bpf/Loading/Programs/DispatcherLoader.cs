using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>Loads the dispatchers of programs whose links cannot be given another program.</summary>
internal static class DispatcherLoader
{
    private const byte LoadByte = BpfOpCode.ClassLoadRegister | BpfOpCode.ModeMemory | BpfOpCode.SizeByte;
    private const byte AddAtomically = BpfOpCode.ClassStoreRegister | BpfOpCode.ModeAtomic | BpfOpCode.SizeDouble;

    private static readonly int s_tailCall = BpfHelpers.NumberOf("bpf_tail_call");
    private static readonly HashSet<int> s_checkedAtAttach = [BpfHelpers.NumberOf("bpf_override_return"), BpfHelpers.NumberOf("bpf_get_func_ip")];

    // What a hook's program returns for "go on": 0 would hide the event of a tracepoint or probe from perf.
    private static readonly Dictionary<AttachKind, int> s_neutral = new()
    {
        [AttachKind.Trace] = 0,
        [AttachKind.TraceMulti] = 0,
        [AttachKind.Lsm] = 0,
        [AttachKind.RawTracepoint] = 0,
        [AttachKind.Tracepoint] = 1,
        [AttachKind.KProbe] = 1,
        [AttachKind.KProbeMulti] = 0,
        [AttachKind.KernelSyscall] = 1,
        [AttachKind.UProbe] = 1,
        [AttachKind.UProbeMulti] = 0,
        [AttachKind.Usdt] = 1,
        [AttachKind.PerfEvent] = 1,
        [AttachKind.Netfilter] = 1,
    };

    /// <summary>Loads the dispatcher of a program, which calls it at once. Null where the program's link can be updated, or the kernel accepts no dispatcher of the kind: before 7.2 none that is sleepable.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="program">The program's spec.</param>
    /// <param name="code">What it was loaded from.</param>
    /// <param name="loaded">The program.</param>
    /// <param name="contextEnd">How far it reads into the context of a tracepoint, in bytes.</param>
    internal static Dispatcher? TryLoad(IKernel kernel, BpfProgramSpec program, ProgramCode code, BpfHandle loaded, int contextEnd)
    {
        // When a program is attached, the kernel looks at what it does: whether it changes what a function returns, asks for the function's address, or writes to a tracepoint's arguments. It would not see
        // that behind a dispatcher.
        if (!s_neutral.TryGetValue(program.Section.Attach, out int neutral) || code.Type == BpfProgramType.RawTracepointWritable
            || code.ExpectedAttachType is BpfAttachType.TraceFSession or BpfAttachType.TraceFSessionMulti
            || Array.Exists(code.Instructions, static one => one is { OpCode: BpfOpCode.Call, Source: 0 } && s_checkedAtAttach.Contains(one.Immediate)))
        {
            return null;
        }

        // Of a link to several functions, 1 would mean to detach.
        neutral = code.ExpectedAttachType == BpfAttachType.TraceUProbeMulti ? 0 : neutral;

        BpfMapHandle? slot = null, misses = null;
        BpfHandle? handle = null;
        try
        {
            slot = MapCreator.Create(kernel, new BpfMapDefinition("hm_slot", BpfMapType.ProgArray, sizeof(int), sizeof(int), 1, BpfMapFlags.None) { Token = code.Token }, code.ObjectName);
            misses = MapCreator.Create(kernel, new BpfMapDefinition("hm_misses", BpfMapType.Array, sizeof(int), sizeof(ulong), 1, BpfMapFlags.None) { Token = code.Token }, code.ObjectName);
            using HandleUse slotUse = slot.Use();
            using HandleUse missesUse = misses.Use();
            ProgramLoader.Outcome outcome = ProgramLoader.Load(kernel, code with
            {
                Name = "hm_" + code.Name,
                Instructions = Instructions(slotUse.Descriptor, missesUse.Descriptor, contextEnd, neutral),
                Btf = null,
                Functions = [],
                Lines = [],
                FunctionModules = [],
                LogLevel = BpfVerifierLogLevel.None,
            });
            if (outcome.Result < 0)
            {
                misses.Dispose();
                slot.Dispose();
                return null;
            }

            handle = new BpfHandle(kernel, outcome.Result) { Subject = $"dispatcher of {program.Name} of {program.ObjectName}" };
            var dispatcher = new Dispatcher { Program = handle, Slot = slot, Misses = misses, ContextEnd = contextEnd };
            dispatcher.Call(loaded, program.Name);
            return dispatcher;
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, handle);
            Teardown.Undo(reason, misses);
            Teardown.Undo(reason, slot);
            throw;
        }
    }

    // A raw tracepoint has whole words, a record may have bytes.
    private static BpfInstruction Read(int contextEnd)
        => contextEnd % sizeof(ulong) == 0 ? ProbeCode.Load(0, 1, (short)(contextEnd - sizeof(ulong))) : new BpfInstruction(LoadByte, 0, 1, (short)(contextEnd - 1), 0);

    // The tail call returns only if the slot is empty.
    private static BpfInstruction[] Instructions(int slot, int misses, int contextEnd, int neutral) =>
    [
        .. contextEnd > 0 ? [Read(contextEnd)] : Array.Empty<BpfInstruction>(),
        .. ProbeCode.LoadMap(2, slot),
        ProbeCode.Move(3, 0),
        ProbeCode.Call(s_tailCall),
        .. ProbeCode.LoadMapValue(1, misses, 0),
        ProbeCode.Move(2, 1),
        new BpfInstruction(AddAtomically, 1, 2, 0, 0),
        ProbeCode.Move(0, neutral),
        ProbeCode.Exit(),
    ];
}
