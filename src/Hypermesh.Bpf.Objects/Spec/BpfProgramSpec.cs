using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Objects;

/// <summary>A program as the object declares it; what has a setter may be changed until the object is loaded.</summary>
public sealed class BpfProgramSpec
{
    internal BpfProgramSpec(string objectName, string name, string sectionName, SectionDefinition section, ElfSection code, ElfSymbol symbol)
    {
        ObjectName = objectName;
        Name = name;
        SectionName = sectionName;
        Section = section;
        Target = section.TargetOf(sectionName);
        Code = code;
        Symbol = symbol;
    }

    /// <summary>The object it belongs to.</summary>
    public string ObjectName { get; }

    /// <summary>The function's name. The kernel shows at most 15 bytes of it.</summary>
    public string Name { get; }

    /// <summary>The section without a leading <c>?</c>.</summary>
    public string SectionName { get; }

    /// <summary>The row of the section table; <see cref="SectionDefinition.Unknown"/> where none matches.</summary>
    internal SectionDefinition Section { get; }

    /// <summary>What it is to be attached to, as the section names it; null where the section names nothing.</summary>
    public string? Target { get; }

    /// <summary>Its type, as the section name states it; <see cref="BpfProgramType.Unspec"/> for a name that is unknown.</summary>
    public BpfProgramType Type => Section.ProgramType;

    /// <summary>The attach type it is loaded for, 0 for a program type without one.</summary>
    public BpfAttachType ExpectedAttachType => Section.AttachType;

    /// <summary>False to leave it out; so from the start for <c>SEC("?…")</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>True when the object is to be loaded without it where the kernel refuses it; the reason is then listed.</summary>
    public bool Optional { get; set; }

    /// <summary>The function's type in the object's BTF, 0 without.</summary>
    internal int FunctionTypeId { get; set; }

    /// <summary>The live program it is to be attached to a function of, null for the kernel.</summary>
    internal object? TargetProgram { get; set; }

    /// <summary>That function, null for the one the section names.</summary>
    internal string? TargetFunction { get; set; }

    internal ElfSection Code { get; }

    internal ElfSymbol Symbol { get; }
}
