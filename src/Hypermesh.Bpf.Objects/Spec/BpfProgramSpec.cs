using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Objects;

/// <summary>A program as the object declares it. Properties with a setter can be changed until the object is loaded.</summary>
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

    /// <summary>The name of its object.</summary>
    public string ObjectName { get; }

    /// <summary>The function's name. The kernel shows at most 15 bytes of it.</summary>
    public string Name { get; }

    /// <summary>The name of its section, without a leading <c>?</c>.</summary>
    public string SectionName { get; }

    /// <summary>The row of the section table; <see cref="SectionDefinition.Unknown"/> when none matches.</summary>
    internal SectionDefinition Section { get; }

    /// <summary>The attach target in the section name; null when the section name has none.</summary>
    public string? Target { get; }

    /// <summary>Its type, from the section name; <see cref="BpfProgramType.Unspec"/> for an unknown section name.</summary>
    public BpfProgramType Type => Section.ProgramType;

    /// <summary>The expected attach type; 0 for a program type without one.</summary>
    public BpfAttachType ExpectedAttachType => Section.AttachType;

    /// <summary>Set to false to omit the program; initially false for <c>SEC("?…")</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Set to true to load the object without this program when the kernel rejects it; the result of the load then lists the reason.</summary>
    public bool Optional { get; set; }

    /// <summary>The ID of the function in the object's BTF; 0 without BTF.</summary>
    internal int FunctionTypeId { get; set; }

    /// <summary>The loaded program whose function it will be attached to; null for a kernel function.</summary>
    internal object? TargetProgram { get; set; }

    /// <summary>The name of that function; null for the one in the section name.</summary>
    internal string? TargetFunction { get; set; }

    internal ElfSection Code { get; }

    internal ElfSymbol Symbol { get; }
}
