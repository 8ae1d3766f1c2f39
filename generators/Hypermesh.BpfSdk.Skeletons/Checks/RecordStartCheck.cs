using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports structs for the record of a tracepoint that lack the 8 bytes at its start, which all tracepoints have. It is certain where a program reads something else there, and where a text or the
/// number of the system call begins there.
/// </summary>
internal static class RecordStartCheck
{
    private const int Common = 8;
    private const int BitsPerByte = 8;
    private const string OfSystemCalls = "sys_e";

    private static readonly string[] s_callNumbers = ["__syscall_nr", "syscall_nr", "nr", "id"];
    private static readonly string[] s_fillers = ["common", "pad", "unused", "reserved", "hdr", "head", "ignore", "skip", "dummy"];

    public static void Run(BpfObjectSpec spec, BtfTypes types, SourceLines lines, Findings findings)
    {
        foreach (BpfProgramSpec program in spec.Programs.Where(static program => program.Type == BpfProgramType.Tracepoint))
        {
            if (ContextCheck.PrototypeOf(types, program) is { Length: 1 } prototype && ContextCheck.TargetOf(types, prototype) is { Kind: BtfKind.Struct, Length: > 0 } record
                && ContextCheck.EssentialName(record) is { } name && !ProgramContext.IsKnown(name) && !IsOfKernel(spec, types, name))
            {
                Check(program, types, record, name, lines, findings);
            }
        }
    }

    private static void Check(BpfProgramSpec program, BtfTypes types, BtfType record, string name, SourceLines lines, Findings findings)
    {
        foreach ((uint offset, int place) in KernelPointers.ReadsOfContext(program))
        {
            if (place is >= 0 and < Common && MemberAt(types, record, place) is { } read)
            {
                findings.Add(SourceIds.RecordStart, program.Name, lines.At(program.Code.Name, offset), program.Name, $"reads '{read}' of struct {name} there", name);
                return;
            }
        }

        BtfMember first = record.Member(0);
        string start = types.GetString(first.NameOffset);
        bool isCallNumber = program.Target is { } target && target.Substring(target.LastIndexOf('/') + 1).StartsWith(OfSystemCalls, StringComparison.Ordinal) && Array.IndexOf(s_callNumbers, start) >= 0;
        bool isText = types[types.SkipModifiers(first.TypeId)] is { Kind: BtfKind.Array } && types.SizeOf(first.TypeId) > Common && !IsFiller(start);
        if (isCallNumber || isText)
        {
            findings.Add(SourceIds.RecordStart, $"struct {name}", 0, program.Name, $"has '{start}' of struct {name} there", name);
        }
    }

    // A member that is not one of the common fields, nor a struct of them.
    private static string? MemberAt(BtfTypes types, BtfType record, int place)
    {
        for (int i = 0; i < record.Length; i++)
        {
            BtfMember member = record.Member(i);
            long start = member.BitOffset / BitsPerByte;
            if (place >= start && place < start + types.SizeOf(member.TypeId))
            {
                string name = types.GetString(member.NameOffset);
                return types[types.SkipModifiers(member.TypeId)].IsComposite || name.Length == 0 || IsFiller(name) ? null : name;
            }
        }

        return null;
    }

    // vmlinux.h has the whole record, and the load moves its fields.
    private static bool IsOfKernel(BpfObjectSpec spec, BtfTypes types, string name)
        => name.StartsWith(ContextRemedy.Record, StringComparison.Ordinal) || name.StartsWith("syscall_trace_", StringComparison.Ordinal) || ContextCheck.StructsOfKernel(spec, types).Contains(name);

    private static bool IsFiller(string name)
        => (name.StartsWith("_", StringComparison.Ordinal) && !name.StartsWith("__", StringComparison.Ordinal)) || s_fillers.Any(filler => name.IndexOf(filler, StringComparison.OrdinalIgnoreCase) >= 0);
}
