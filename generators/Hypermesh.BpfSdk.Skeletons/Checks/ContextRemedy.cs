using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.BtfSanitizing;
using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Names what to write where a program's parameter is not its context: the right parameter, a macro that reads the arguments, or the section of what is declared.</summary>
internal sealed class ContextRemedy(BpfProgramSpec program, ProgramContext context)
{
    /// <summary>The macro of libbpf that reads the arguments of a target.</summary>
    public const string Macro = "BPF_PROG";

    /// <summary>The start of the names that vmlinux.h has for the structs of records.</summary>
    public const string Record = "trace_event_raw_";

    private const string OfRecord = "a pointer to a struct with the fields of the record";
    private const string Header = "of <bpf/bpf_tracing.h>";

    private static readonly SectionDefinition s_typed = SectionTable.Find("tp_btf");
    private static readonly SectionDefinition s_tracepoint = SectionTable.Find("tracepoint");

    /// <summary>Returns the remedy.</summary>
    /// <param name="declared">The parameters in C; null where <see cref="Macro"/> declares one.</param>
    /// <param name="structName">The struct that the only parameter points to, without flavour; null for none.</param>
    /// <param name="isRecord">True where it has the form of a tracepoint's record.</param>
    public string For(string? declared, string? structName, bool isRecord)
    {
        string? section = structName is null ? null : SectionOf(structName) ?? (isRecord ? RecordSection() : null);
        string arguments = section is null ? declared ?? "…" : "…";
        string parameter = context.Kind switch
        {
            ContextKind.Record => declared is null && TypedSection() is { } typed ? $"SEC(\"{typed}\"), or {OfRecord}" : OfRecord,
            ContextKind.Arguments when !context.IsOfIterator => $"int {Macro}({program.Name}, {arguments}) {Header}",
            ContextKind.Struct when context.HasRegisters && section is null => $"int {ProbeMacro(arguments)}",
            _ => $"struct {context.Struct} *ctx",
        };
        return section is null ? parameter : $"{parameter}, or SEC(\"{section}\") for struct {structName}";
    }

    // The section whose programs get the arguments of the tracepoint; system calls have no such tracepoints.
    private string? TypedSection()
        => program.Target is { } target && SectionForms.OfTarget(s_typed, target) is { } section && section.StartsWith(s_typed.Name, StringComparison.Ordinal) ? section : null;

    // The section whose programs get the record of the tracepoint. A function has none, and only the author knows which tracepoint is meant.
    private string? RecordSection()
        => context.Kind != ContextKind.Arguments ? null
            : program.Type == BpfProgramType.RawTracepoint || program.ExpectedAttachType == BpfAttachType.TraceRawTracePoint ? SectionForms.OfTarget(s_tracepoint, program.Target ?? "NAME")
            : "tracepoint/CATEGORY/NAME";

    private string ProbeMacro(string arguments) => program.Section.Attach switch
    {
        _ when program.Section.IsReturn => $"BPF_KRETPROBE({program.Name}, {arguments}) {Header}",
        AttachKind.KernelSyscall => $"BPF_KSYSCALL({program.Name}, {arguments}) {Header}",
        AttachKind.Usdt => $"BPF_USDT({program.Name}, {arguments}) of <bpf/usdt.bpf.h>",
        _ => $"BPF_KPROBE({program.Name}, {arguments}) {Header}",
    };

    // The section whose programs get a struct; null where none does.
    private static string? SectionOf(string structName) => structName switch
    {
        "__sk_buff" => "tc",
        "xdp_md" => "xdp",
        ProgramContext.OfRawTracepoints => "raw_tp/NAME",
        ProgramContext.Registers => "kprobe/FUNCTION",
        "syscall_trace_enter" => "tracepoint/syscalls/sys_enter_NAME",
        "syscall_trace_exit" => "tracepoint/syscalls/sys_exit_NAME",
        _ when structName.StartsWith(ProgramContext.OfIterators, StringComparison.Ordinal) => $"iter/{structName.Substring(ProgramContext.OfIterators.Length)}",
        _ when structName.StartsWith(Record, StringComparison.Ordinal) => SectionForms.OfTarget(s_tracepoint, structName.Substring(Record.Length)),
        _ => SectionTable.Rows.FirstOrDefault(row => row.Match == SectionMatch.Exact && ContextTypes.NameOf(row.ProgramType) == structName)?.Name,
    };
}
