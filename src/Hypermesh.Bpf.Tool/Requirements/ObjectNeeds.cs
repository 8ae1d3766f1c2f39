using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Tool.Requirements;

/// <summary>What a kernel and a process must have for an object: worked out from the object alone.</summary>
internal sealed class ObjectNeeds
{
    private readonly List<(Version Version, string For)> _reasons = [];
    private readonly SortedSet<string> _options = new(StringComparer.Ordinal);

    internal ObjectNeeds(BpfObjectSpec spec)
    {
        Helpers = HelpersOf(spec);
        KernelFunctions = [.. spec.Externs.Where(static e => e.Kind == ExternKind.Function).Select(static e => e.Name)];
        foreach (ProgramSpec program in spec.Programs)
        {
            Add(program);
        }

        foreach (MapSpec map in spec.Maps)
        {
            Add(TypeFacts.Maps.GetValueOrDefault(map.Type), $"maps of type {map.Type}");
        }

        foreach (int helper in Helpers)
        {
            if (HelperVersions.Of(helper) is { } version)
            {
                _reasons.Add((version, BpfHelpers.NameOf(helper)!));
            }
        }

        Add(spec);
        IEnumerable<Capabilities> capabilities = spec.Programs.Select(static program => ProgramCapabilities.Of(program.Type)).Append(Capabilities.Bpf);
        CapabilityList = CapabilityNames.Of(capabilities.Aggregate(static (a, b) => a | b) | (spec.Externs.Any(static e => e.Kind == ExternKind.Address) ? Hypermesh.Bpf.Capabilities.Syslog : 0));
    }

    /// <summary>The numbers of the helpers its code calls.</summary>
    internal IReadOnlyList<int> Helpers { get; }

    /// <summary>The kernel functions it calls.</summary>
    internal IReadOnlyList<string> KernelFunctions { get; }

    internal IReadOnlyCollection<string> Options => _options;

    /// <summary>What loading takes since 5.8.</summary>
    internal string CapabilityList { get; }

    /// <summary>The least release, and what asks for it.</summary>
    internal (Version Version, string For) Least => _reasons.Count == 0 ? (Version.Parse("3.19"), "eBPF itself") : _reasons.MaxBy(static reason => reason.Version);

    private void Add(ProgramSpec program)
    {
        if (TypeFacts.Programs.TryGetValue(program.Type, out (string Version, string Option) facts))
        {
            Add(facts.Version, $"programs of type {program.Type}");
            _options.Add(facts.Option);
        }

        Add(TypeFacts.Attachments.GetValueOrDefault(program.ExpectedAttachType), $"attaching by {program.ExpectedAttachType}");
        if (program.Section.Flags.HasFlag(SectionFlags.Sleepable) && program.Type != BpfProgramType.Syscall)
        {
            Add("5.10", "sleepable programs");
        }
    }

    private void Add(BpfObjectSpec spec)
    {
        _options.Add("CONFIG_BPF_SYSCALL");
        _options.Remove("");
        if (spec.DataSections.Count > 0)
        {
            Add("5.2", "globals");
        }

        if (spec.Elf.FindSection(".jumptables") is { Size: > 0 })
        {
            Add(TypeFacts.Maps[BpfMapType.InsnArray], "jump tables");
        }

        if (spec.BtfExtension is { HasRelocations: true } || spec.Externs.Any(static e => e.Kind == ExternKind.Variable))
        {
            _options.Add("CONFIG_DEBUG_INFO_BTF");
        }

        foreach (ExternSpec option in spec.Externs.Where(static e => e.Kind == ExternKind.KernelConfig && !e.IsWeak && e.Name.StartsWith("CONFIG_", StringComparison.Ordinal)))
        {
            _options.Add(option.Name);
        }

        if (spec.Externs.Any(static e => e.Kind == ExternKind.Function))
        {
            Add("5.13", "calls of kernel functions");
        }
    }

    private void Add(string? version, string reason)
    {
        if (version is not null)
        {
            _reasons.Add((Version.Parse(version), reason));
        }
    }

    // Calls of one's own functions and of the kernel's have a pseudo source; a call that waits for a relocation has no helper's number.
    private static List<int> HelpersOf(BpfObjectSpec spec)
    {
        var found = new SortedSet<int>();
        foreach (ElfSection section in spec.Elf.Sections.Where(static section => section is { IsExecutable: true, Type: ElfSectionType.Contents }))
        {
            ReadOnlySpan<BpfInstruction> code = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, BpfInstruction>(section.Data.Span);
            for (int i = 0; i < code.Length; i++)
            {
                if (code[i].IsWideLoad)
                {
                    i++;
                }
                else if (code[i].IsCall && code[i].Source == 0 && code[i].Immediate > 0)
                {
                    found.Add(code[i].Immediate);
                }
            }
        }

        return [.. found];
    }
}
