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
    private const int TailCall = 12;
    private const int OverrideReturn = 58;
    private const byte LoadByte = 0x71;
    private const byte AddAtomically = 0xdb;

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
    /// <param name="contextEnd">The end of what it reads of a classic tracepoint's record.</param>
    internal static Dispatcher? TryLoad(IKernel kernel, BpfProgramSpec program, ProgramCode code, BpfHandle loaded, int contextEnd)
    {
        // The kernel checks where a program is attached that changes what a function returns: it would not see it behind a dispatcher.
        if (!s_neutral.TryGetValue(program.Section.Attach, out int neutral) || Array.Exists(code.Instructions, static one => one is { OpCode: BpfOpCode.Call, Source: 0, Immediate: OverrideReturn }))
        {
            return null;
        }

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

    // The tail call returns only if the slot is empty.
    private static BpfInstruction[] Instructions(int slot, int misses, int contextEnd, int neutral) =>
    [
        .. contextEnd > 0 ? [new BpfInstruction(LoadByte, 0, 1, (short)(contextEnd - 1), 0)] : Array.Empty<BpfInstruction>(),
        .. ProbeCode.LoadMap(2, slot),
        ProbeCode.Move(3, 0),
        ProbeCode.Call(TailCall),
        .. ProbeCode.LoadMapValue(1, misses, 0),
        ProbeCode.Move(2, 1),
        new BpfInstruction(AddAtomically, 1, 2, 0, 0),
        ProbeCode.Move(0, neutral),
        ProbeCode.Exit(),
    ];
}
