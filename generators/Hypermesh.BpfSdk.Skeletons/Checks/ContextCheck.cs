using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports programs that read a parameter which is not the context that their section passes. Where a section passes no struct with a single name, only types are reported that
/// certainly have another layout. A context that is only passed to helpers may have any type.
/// </summary>
internal static class ContextCheck
{
    private const int Slot = 64;

    // The struct at the start of each tracepoint's record.
    private const string RecordHeader = "trace_entry";

    // Its first field in a format file.
    private const string FirstOfRecord = "common_type";

    public static void Run(BpfObjectSpec spec, BtfTypes types, SourceLines lines, Findings findings)
    {
        HashSet<string>? ofKernel = null;
        foreach (BpfProgramSpec program in spec.Programs)
        {
            if (ProgramContext.Of(program) is { } context && PrototypeOf(types, program) is { Length: > 0 } prototype)
            {
                bool isByMacro = IsByMacro(program, types, prototype, lines);
                ofKernel ??= StructsOfKernel(spec, types);
                if (Matters(KernelPointers.UsesOfParameters(program), types, prototype, context, isByMacro, ofKernel))
                {
                    Add(program, context, types, prototype, isByMacro, ofKernel, lines, findings);
                }
            }
        }
    }

    private static void Add(BpfProgramSpec program, ProgramContext context, BtfTypes types, BtfType prototype, bool isByMacro, HashSet<string> ofKernel, SourceLines lines, Findings findings)
    {
        string declared = string.Join(", ", Enumerable.Range(0, prototype.Length).Select(i => Declared(types, prototype.Parameter(i))));
        BtfType? target = prototype.Length == 1 ? TargetOf(types, prototype) : null;
        string? structName = target is { } one ? EssentialName(one) : null;
        bool isRecord = structName is not null && (IsRecord(types, target!.Value, structName) || (!ofKernel.Contains(structName) && !HasSlots(target.Value)));
        string remedy = new ContextRemedy(program, context).For(isByMacro ? null : declared, structName, isRecord);

        // Where the declaration's place is not known, the place of the first instruction is used.
        int line = lines.Of(program.Name).Line > 1 ? 0 : lines.Of(program);
        findings.Add(SourceIds.OtherContext, program.Name, line, program.Name, isByMacro ? $"{ContextRemedy.Macro}({program.Name}, …)" : declared, program.SectionName, context.Description, remedy);
    }

    private static bool Matters(ParameterUses uses, BtfTypes types, BtfType prototype, ProgramContext context, bool isByMacro, HashSet<string> ofKernel)
    {
        if (prototype.Length > 1 && uses.HasFlag(ParameterUses.Others))
        {
            return true;
        }

        if (TargetOf(types, prototype) is not { } target)
        {
            // An address can be kept in a number of 64 bits.
            return uses.HasFlag(ParameterUses.Value) && types[types.SkipModifiers(prototype.Parameter(0).TypeId)] is { Kind: BtfKind.Int, Size: < sizeof(ulong) } or { Kind: BtfKind.Float } or { IsEnum: true } or { IsComposite: true };
        }

        return uses.HasFlag(ParameterUses.Content)
            && (EssentialName(target) is { } name ? !context.IsNamed(name) && Differs(types, target, name, context, ofKernel) : isByMacro && context.Kind != ContextKind.Arguments);
    }

    private static bool Differs(BtfTypes types, BtfType target, string name, ProgramContext context, HashSet<string> ofKernel) => context.Kind switch
    {
        ContextKind.Struct => true,
        ContextKind.Arguments => ProgramContext.IsKnown(name) || ofKernel.Contains(name) || IsRecord(types, target, name) || !HasSlots(target),
        _ => ProgramContext.IsKnown(name),
    };

    private static bool IsRecord(BtfTypes types, BtfType type, string name)
        => name.StartsWith(ContextRemedy.Record, StringComparison.Ordinal)
            || (type is { Kind: BtfKind.Struct, Length: > 0 }
                && (EssentialName(types[types.SkipModifiers(type.Member(0).TypeId)]) == RecordHeader || types.GetString(type.Member(0).NameOffset) == FirstOfRecord));

    // A struct that names the arguments has nothing between two of them: the upper half of an argument is not a value of its own.
    private static bool HasSlots(BtfType type)
        => type.Kind != BtfKind.Struct || Enumerable.Range(0, type.Length).All(i => type.Member(i).BitOffset % Slot == 0);

    /// <summary>Returns the structs whose fields the load looks up in the kernel's types.</summary>
    internal static HashSet<string> StructsOfKernel(BpfObjectSpec spec, BtfTypes types)
        => [.. spec.Elf.Sections.SelectMany(section => spec.BtfExtension?.RelocationsOf(section.Name) ?? [])
            .Where(static relocation => relocation.Kind <= CoreRelocationKind.FieldRightShift)
            .Select(static relocation => relocation.TypeId).Distinct()
            .Select(id => EssentialName(types[types.SkipModifiers(id)])).OfType<string>()];

    // BPF_PROG declares the parameter, and the arguments that it reads are known only in the text.
    private static bool IsByMacro(BpfProgramSpec program, BtfTypes types, BtfType prototype, SourceLines lines)
        => prototype.Length == 1 && TargetOf(types, prototype) is { Kind: BtfKind.Int, Size: sizeof(ulong) }
            && lines.OfSection(program.Code.Name)
                .Where(line => line.InstructionOffset >= program.Symbol.Value && line.InstructionOffset < program.Symbol.Value + program.Symbol.Size)
                .Any(line => types.GetString(line.TextOffset).Replace(" ", "").Contains($"{ContextRemedy.Macro}({program.Name},"));

    /// <summary>Returns the prototype of a program's function; null where the object does not have it.</summary>
    internal static BtfType? PrototypeOf(BtfTypes types, BpfProgramSpec program)
        => program.FunctionTypeId != 0 && types[program.FunctionTypeId] is { Kind: BtfKind.Function } function
            && types[function.TypeId] is { Kind: BtfKind.FunctionPrototype } prototype ? prototype : null;

    /// <summary>Returns what the first parameter points to; null where it is not a pointer.</summary>
    internal static BtfType? TargetOf(BtfTypes types, BtfType prototype)
        => types[types.SkipModifiers(prototype.Parameter(0).TypeId)] is { Kind: BtfKind.Pointer } pointer ? types[types.SkipModifiers(pointer.TypeId)] : null;

    /// <summary>Returns a struct's name without flavor; null where the type is not a struct, or has no name.</summary>
    internal static string? EssentialName(BtfType type)
        => type.NameOffset != 0 && type is { Kind: BtfKind.Struct } or { Kind: BtfKind.Forward, KindFlag: false } ? FormatReader.Utf8(BtfName.Essential(type.NameBytes)) : null;

    private static string Declared(BtfTypes types, BtfParameter parameter)
        => parameter.TypeId == 0 ? "..." : CTypeNames.Declare(types, parameter.TypeId, types.GetString(parameter.NameOffset), 0);
}
