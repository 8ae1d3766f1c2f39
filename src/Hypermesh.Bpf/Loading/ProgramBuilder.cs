using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Hooks.Tracing;
using Hypermesh.Bpf.Loading.Externs;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.BtfSanitizing;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf.Loading;

/// <summary>Links the programs of an object, writes the maps' descriptors and the kernel's symbols into them and loads them.</summary>
internal sealed class ProgramBuilder
{
    // libbpf's placeholder for a missing map; the verifier reports the number when it reaches the instruction.
    private const int MissingMapBase = 2_001_000_000;

    private readonly IKernel _kernel;
    private readonly BpfObjectSpec _spec;
    private readonly BpfHandle? _btf;
    private readonly RunningTypes _running;
    private readonly ResolvedExterns _externs;
    private readonly IReadOnlyDictionary<string, BpfMapHandle> _maps;
    private readonly IReadOnlyDictionary<string, BpfMapHandle> _sections;
    private readonly ProgramLinker _linker;

    internal ProgramBuilder(
        IKernel kernel,
        BpfObjectSpec spec,
        BpfHandle? btf,
        BtfTypes? coreTypes,
        RunningTypes running,
        ResolvedExterns externs,
        IReadOnlyDictionary<string, BpfMapHandle> maps,
        IReadOnlyDictionary<string, BpfMapHandle> sections)
    {
        _kernel = kernel;
        _spec = spec;
        _btf = btf;
        _running = running;
        _externs = externs;
        _maps = maps;
        _sections = sections;
        // Types of another kernel do not include the modules of this one.
        bool areRunning = running.IsKernel(coreTypes);
        _linker = new ProgramLinker(spec, coreTypes is null ? [] : [coreTypes], areRunning ? () => [.. running.Modules.All.Select(static module => module.Types)] : null);
    }

    /// <summary>The verifier log to keep of accepted programs.</summary>
    internal BpfVerifierLogLevel LogLevel { get; init; }

    /// <summary>The token that permits the load; null for none.</summary>
    internal BpfToken? Token { get; init; }

    /// <summary>Functions that have a copy for some program types; null if none has.</summary>
    internal ContextTags? Tags { get; init; }

    /// <summary>The struct_ops maps that some programs belong to.</summary>
    internal StructOpsLoader? StructOps { get; init; }

    /// <summary>Whether a program gets a dispatcher, so that it can be replaced while it is attached.</summary>
    internal Func<BpfProgramSpec, int, bool> Dispatches { get; init; } = static (_, _) => false;

    /// <summary>Loads a program.</summary>
    internal BuiltProgram Load(BpfProgramSpec program)
    {
        if (program.Section.Attach == AttachKind.None)
        {
            string nearest = NearestSection.Of(program.SectionName) is { } name ? $"the nearest known section is SEC(\"{name}\")" : "write a known section, such as SEC(\"tp_btf/sched_switch\")";
            throw new BpfException(
                $"Program {program.Name} in {_spec.Name}: section \"{program.SectionName}\" does not name a known program type; {nearest}.",
                _spec.Name, program.Name);
        }

        (int attachBtfId, ModuleBtf? module, BpfAttachType attachType) = TargetOf(program);
        LinkedProgram linked = _linker.Link(program);
        string unknown = _running.ModulesRefused is null ? "" : ", or at least not outside of modules, whose types need CAP_SYS_ADMIN";
        var poisoned = new List<PoisonedInstruction>(linked.Poisoned.Select(one => one with { Reason = one.Reason + unknown }));
        using var tables = new JumpTables(_kernel, _spec.Name, program.Name, Token);
        WriteDescriptors(linked, tables, poisoned);
        var code = new ProgramCode(program.Name, program.Type, linked.Instructions)
        {
            ObjectName = _spec.Name,
            SectionName = program.SectionName,
            ExpectedAttachType = attachType,
            Flags = Flags(program.Section.Flags),
            License = _spec.License,
            KernelVersion = _spec.KernelVersion,
            AttachBtfId = attachBtfId,
            AttachBtf = module?.Handle,
            AttachProgram = (program.TargetProgram as BpfProgram)?.Loaded,
            Btf = _btf,
            FunctionModules = _externs.FunctionModules,
            Token = Token?.Permission,
            LogLevel = LogLevel,
            Functions = Tags is { } tags ? [.. linked.Functions.Select(one => one with { TypeId = tags.Substitute(one.TypeId, program.Type) })] : linked.Functions,
            Lines = linked.Lines,
        };
        ProgramLoader.Outcome outcome = ProgramLoader.Load(_kernel, code);
        if (outcome.Result < 0)
        {
            throw VerifierFailure.Of(_kernel, code, outcome, linked, _spec.Btf, poisoned);
        }

        BpfMetrics.ProgramLoaded(program.Type);
        var handle = new BpfHandle(_kernel, outcome.Result) { Subject = $"program {program.Name} of {_spec.Name}" };
        int contextEnd = program.Type is BpfProgramType.Tracepoint or BpfProgramType.RawTracepoint ? ContextReads.End(linked.Instructions) : 0;
        try
        {
            return new BuiltProgram(handle, attachBtfId, linked.Instructions, outcome.Log)
            {
                ContextEnd = contextEnd,
                Dispatcher = Dispatches(program, contextEnd) ? DispatcherLoader.TryLoad(_kernel, program, code, handle, contextEnd) : null,
            };
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, handle);
            throw;
        }
    }

    // A struct_ops program is loaded for the type of the struct_ops map; its attach type is the index of the member.
    private (int BtfId, ModuleBtf? Module, BpfAttachType AttachType) TargetOf(BpfProgramSpec program)
    {
        if (StructOps?.TargetOf(program) is { } field)
        {
            return (field.TypeId, field.Module, (BpfAttachType)field.MemberIndex);
        }

        if (ProgramTarget.Of(program) is { } target)
        {
            return (target.FunctionId, null, program.ExpectedAttachType);
        }

        if (program.Section.Attach == AttachKind.TraceMulti)
        {
            // The functions are chosen when it is attached.
            return (0, AttachTarget.ModuleOf(program, _running), program.ExpectedAttachType);
        }

        (int id, ModuleBtf? module) = AttachTarget.IsTyped(program) ? AttachTarget.Resolve(program, _running) : default;
        return (id, module, AttachTypes.Of(_kernel, program));
    }

    /// <summary>The digest that the kernel computes of a program: over its instructions, without the maps' descriptors and offsets.</summary>
    /// <exception cref="BpfException">The object has no such program.</exception>
    internal byte[] HashOf(string program)
    {
        LinkedProgram linked = _linker.Link(_spec.Program(program));
        foreach (InstructionReference reference in linked.References.Where(static reference => reference.Extern is not null))
        {
            ExternPatcher.Write(_externs, linked, reference, []);
        }

        BpfInstruction[] code = linked.Instructions;
        for (int i = 0; i + 1 < code.Length; i++)
        {
            if (code[i].IsWideLoad && code[i].Source is BpfOpCode.PseudoMap or BpfOpCode.PseudoMapValue)
            {
                code[i].Immediate = 0;
                code[++i].Immediate = 0;
            }
        }

        return SHA256.HashData(MemoryMarshal.AsBytes<BpfInstruction>(code));
    }

    private static ProgramLoadFlags Flags(SectionFlags section)
        => (section.HasFlag(SectionFlags.Sleepable) ? ProgramLoadFlags.Sleepable : ProgramLoadFlags.None)
            | (section.HasFlag(SectionFlags.XdpFrags) ? ProgramLoadFlags.XdpHasFrags : ProgramLoadFlags.None);

    private void WriteDescriptors(LinkedProgram linked, JumpTables tables, List<PoisonedInstruction> poisoned)
    {
        foreach (InstructionReference reference in linked.References)
        {
            if (reference.Extern is not null)
            {
                ExternPatcher.Write(_externs, linked, reference, poisoned);
                continue;
            }

            if (reference.JumpTable is { } table)
            {
                linked.Instructions[reference.Index].Immediate = tables.Make(table);
                continue;
            }

            BpfMapHandle map = reference.Map is { } spec ? _maps[spec.Name] : _sections[reference.Section!.Name];
            if (map.IsCreated)
            {
                // The live object under construction holds the map open while its programs load.
                linked.Instructions[reference.Index].Immediate = (int)map.Handle.DangerousGetHandle();
                if (reference.Section is { Arena: not null } globals)
                {
                    linked.Instructions[reference.Index + 1].Immediate += ArenaMapping.PlaceOfGlobals(map, globals.Size);
                }

                continue;
            }

            int number = MissingMapBase + Number(reference.Map ?? reference.Section!.Arena!);
            linked.Instructions[reference.Index] = new BpfInstruction(BpfOpCode.Call, 0, 0, 0, number);
            linked.Instructions[reference.Index + 1] = linked.Instructions[reference.Index];
            poisoned.Add(new PoisonedInstruction(reference.Index, $"it uses map {map.Name}, which the spec leaves out"));
        }
    }

    private int Number(BpfMapSpec map)
    {
        for (int i = 0; i < _spec.Maps.Count; i++)
        {
            if (ReferenceEquals(_spec.Maps[i], map))
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>A loaded program.</summary>
/// <param name="Handle">Its descriptor.</param>
/// <param name="AttachBtfId">The ID of its target's type; 0 for programs without.</param>
/// <param name="Instructions">Its instructions.</param>
/// <param name="Log">The verifier's log, if one was requested.</param>
internal sealed record BuiltProgram(BpfHandle Handle, int AttachBtfId, BpfInstruction[] Instructions, string Log)
{
    /// <summary>The end of the farthest context read of a program on a classic or raw tracepoint; 0 for other programs.</summary>
    internal int ContextEnd { get; init; }

    internal Dispatcher? Dispatcher { get; init; }
}
