using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.BtfSanitizing;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>What a section passes to its programs.</summary>
internal enum ContextKind
{
    /// <summary>A struct with a name.</summary>
    Struct,

    /// <summary>The arguments of the target, each as 64 bits. BPF_PROG reads them, and a program can name them with a struct of its own.</summary>
    Arguments,

    /// <summary>The record of a tracepoint. Each tracepoint has other fields.</summary>
    Record,
}

/// <summary>The context of a program, by its section.</summary>
/// <param name="Kind">Its form.</param>
/// <param name="Struct">The name of its struct; null where it has no single one.</param>
internal sealed record ProgramContext(ContextKind Kind, string? Struct)
{
    public const string OfRawTracepoints = "bpf_raw_tracepoint_args";
    public const string OfIterators = "bpf_iter__";
    public const string Registers = "pt_regs";

    private const string OfPerfEvents = "bpf_perf_event_data";

    // The registers of a process have other names on some machines, and they come first in what a perf event passes.
    private static readonly string[] s_registers = [Registers, "user_pt_regs", "user_regs_struct"];

    private static readonly HashSet<string> s_all = [.. ContextTypes.Names, .. s_registers];

    /// <summary>True where the registers of the probed code are passed.</summary>
    public bool HasRegisters => Struct is Registers;

    /// <summary>True where a kernel iterator passes it.</summary>
    public bool IsOfIterator => Struct?.StartsWith(OfIterators, StringComparison.Ordinal) == true;

    /// <summary>The context, for messages.</summary>
    public string Description => Kind switch
    {
        ContextKind.Record => "the record of the tracepoint",
        ContextKind.Arguments when Struct is null => "the arguments of its target as 64-bit values",
        ContextKind.Arguments => $"the arguments of its target as 64-bit values (struct {Struct} *)",
        _ => $"struct {Struct} *",
    };

    /// <summary>The context of a program; null where it is not certain.</summary>
    public static ProgramContext? Of(BpfProgramSpec program) => program.Type switch
    {
        BpfProgramType.Tracepoint => new ProgramContext(ContextKind.Record, null),
        BpfProgramType.RawTracepoint or BpfProgramType.RawTracepointWritable => new ProgramContext(ContextKind.Arguments, OfRawTracepoints),
        BpfProgramType.Tracing when program.ExpectedAttachType == BpfAttachType.TraceIter => program.Target is { } target ? new ProgramContext(ContextKind.Arguments, OfIterators + target) : null,
        BpfProgramType.Tracing or BpfProgramType.Lsm or BpfProgramType.StructOps => new ProgramContext(ContextKind.Arguments, null),
        BpfProgramType.KProbe => new ProgramContext(ContextKind.Struct, Registers),
        _ => ContextTypes.NameOf(program.Type) is { } name ? new ProgramContext(ContextKind.Struct, name) : null,
    };

    /// <summary>Returns true for the name of a struct that some section passes, without flavour.</summary>
    public static bool IsKnown(string structName) => s_all.Contains(structName) || structName.StartsWith(OfIterators, StringComparison.Ordinal);

    /// <summary>Returns true for the name of a struct by which programs of this section read their context, without flavour.</summary>
    public bool IsNamed(string structName)
        => structName == Struct
            || (Kind == ContextKind.Arguments && structName == OfRawTracepoints)
            || (Struct is Registers or OfPerfEvents && Array.IndexOf(s_registers, structName) >= 0);
}
