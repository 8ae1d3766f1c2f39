using System.Diagnostics;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects;

/// <summary>
/// A compiled object before it is loaded: its maps, globals and programs, open to change. Reading it needs no kernel and no
/// privilege.
/// </summary>
[DebuggerDisplay("{Name}: {Programs.Count} programs, {Maps.Count} maps")]
public sealed class BpfObjectSpec
{
    internal BpfObjectSpec(string name, ElfObject elf, BtfTypes? btf, BtfExtension? extension)
    {
        Name = name;
        Elf = elf;
        Btf = btf;
        BtfExtension = extension;
    }

    /// <summary>The name it was opened with; it begins the kernel's names of its data sections.</summary>
    public string Name { get; }

    /// <summary>The license the C states, empty when it states none.</summary>
    public string License { get; internal set; } = "";

    /// <summary>The kernel version the C states (<c>version</c> section), else 0.</summary>
    internal uint KernelVersion { get; set; }

    /// <summary>The file.</summary>
    internal ElfObject Elf { get; }

    /// <summary>Its types; null when it was compiled without <c>-g</c>.</summary>
    public BtfTypes? Btf { get; }

    /// <summary>What is known of its instructions; null when it was compiled without <c>-g</c>.</summary>
    internal BtfExtension? BtfExtension { get; }

    /// <summary>The maps, in the order of their definitions.</summary>
    public IReadOnlyList<BpfMapSpec> Maps { get; internal set; } = [];

    /// <summary>The data sections, in file order.</summary>
    public IReadOnlyList<BpfDataSectionSpec> DataSections { get; internal set; } = [];

    /// <summary>The struct_ops maps (<c>struct_ops</c>), in file order.</summary>
    public IReadOnlyList<BpfStructOpsSpec> StructOps { get; internal set; } = [];

    /// <summary>The programs, in file order.</summary>
    public IReadOnlyList<BpfProgramSpec> Programs { get; internal set; } = [];

    /// <summary>What the running kernel is to provide (<c>__kconfig</c>, <c>__ksym</c>): options first, then symbols by name.</summary>
    public IReadOnlyList<BpfExternSpec> Externs { get; internal set; } = [];

    /// <summary>The options of the kernel's configuration as one section, filled at load; null for an object that asks for none.</summary>
    internal BpfDataSectionSpec? KernelConfig { get; set; }

    /// <summary>Reads a compiled object.</summary>
    /// <param name="image">The file's bytes; they are kept and must not change.</param>
    /// <param name="name">The object's name, for messages and for the kernel's names of its data sections.</param>
    /// <returns>The spec.</returns>
    /// <exception cref="BpfObjectFormatException">The file is not an eBPF object, or is damaged.</exception>
    public static BpfObjectSpec Read(ReadOnlyMemory<byte> image, string name) => SpecReader.Read(image, name);

    /// <summary>A map by its name in C.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The map.</returns>
    /// <exception cref="BpfException">There is none with that name.</exception>
    public BpfMapSpec Map(string name) => Find(Maps, name, "map", static m => m.Name);

    /// <summary>A program by its function's name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The program.</returns>
    /// <exception cref="BpfException">There is none with that name.</exception>
    public BpfProgramSpec Program(string name) => Find(Programs, name, "program", static p => p.Name);

    /// <summary>An struct_ops map by its variable's name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The table.</returns>
    /// <exception cref="BpfException">There is none with that name.</exception>
    public BpfStructOpsSpec StructOpsTable(string name) => Find(StructOps, name, "struct_ops map", static t => t.Name);

    /// <summary>The globals of a section.</summary>
    /// <param name="name">The section's name, such as <c>.rodata</c>.</param>
    /// <returns>The section.</returns>
    /// <exception cref="BpfException">There is none with that name.</exception>
    public BpfDataSectionSpec DataSection(string name) => Find(DataSections, name, "data section", static d => d.Name);

    /// <summary>Where a global variable is.</summary>
    /// <param name="variable">Its name in C.</param>
    /// <param name="offset">Its first byte within the section.</param>
    /// <returns>The section it is in.</returns>
    /// <exception cref="BpfException">There is none with that name.</exception>
    public BpfDataSectionSpec SectionOf(string variable, out int offset)
    {
        foreach (BpfDataSectionSpec section in DataSections)
        {
            if (section.FindVariable(variable) is { IsStatic: false } found)
            {
                offset = found.Offset;
                return section;
            }
        }

        throw new BpfException($"object {Name} has no global variable '{variable}'", Name, variable);
    }

    /// <summary>
    /// Whether a program is to be loaded: as it says itself, but for those of struct_ops maps, which are loaded where a table that is not left out has them.
    /// </summary>
    internal bool IsWanted(BpfProgramSpec program)
    {
        BpfStructOpsMember[] places = [.. StructOps.SelectMany(static table => table.Members).Where(member => member.Program == program || member.Declared == program)];
        return places.Length == 0 ? program.Enabled : places.Any(member => member.Program == program && member.Owner.Enabled);
    }

    private T Find<T>(IReadOnlyList<T> all, string name, string what, Func<T, string> nameOf)
    {
        foreach (T item in all)
        {
            if (string.Equals(nameOf(item), name, StringComparison.Ordinal))
            {
                return item;
            }
        }

        string there = all.Count == 0 ? "it has none" : "it has " + string.Join(", ", all.Select(nameOf));
        throw new BpfException($"object {Name} has no {what} '{name}'; {there}", Name, name);
    }
}
