using System.Diagnostics;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects;

/// <summary>
/// A compiled object before it is loaded: its maps, globals and programs, which can be changed. Reading it requires neither a kernel nor
/// privileges.
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

    /// <summary>The name that it was opened with. The kernel's names of its data sections begin with it.</summary>
    public string Name { get; }

    /// <summary>The license in the C; empty when there is none.</summary>
    public string License { get; internal set; } = "";

    /// <summary>The kernel version in the C (<c>version</c> section); 0 when there is none.</summary>
    internal uint KernelVersion { get; set; }

    /// <summary>The ELF file.</summary>
    internal ElfObject Elf { get; }

    /// <summary>Its types; null when it was compiled without <c>-g</c>.</summary>
    public BtfTypes? Btf { get; }

    /// <summary>The functions, lines and CO-RE relocations of its instructions; null when it was compiled without <c>-g</c>.</summary>
    internal BtfExtension? BtfExtension { get; }

    /// <summary>The maps, in the order of their definitions.</summary>
    public IReadOnlyList<BpfMapSpec> Maps { get; internal set; } = [];

    /// <summary>The data sections, in file order.</summary>
    public IReadOnlyList<BpfDataSectionSpec> DataSections { get; internal set; } = [];

    /// <summary>The struct_ops maps (<c>struct_ops</c>), in file order.</summary>
    public IReadOnlyList<BpfStructOpsSpec> StructOps { get; internal set; } = [];

    /// <summary>The programs, in file order.</summary>
    public IReadOnlyList<BpfProgramSpec> Programs { get; internal set; } = [];

    /// <summary>The externs that the running kernel must provide (<c>__kconfig</c>, <c>__ksym</c>): options first, then symbols ordered by name.</summary>
    internal IReadOnlyList<BpfExternSpec> Externs { get; set; } = [];

    /// <summary>The options of the kernel's configuration as one data section, filled in at load; null for an object without options.</summary>
    internal BpfDataSectionSpec? KernelConfig { get; set; }

    /// <summary>Reads a compiled object.</summary>
    /// <param name="image">The file's bytes; they are kept and must not change.</param>
    /// <param name="name">The object's name, for messages and for the kernel's names of its data sections.</param>
    /// <returns>The spec.</returns>
    /// <exception cref="BpfObjectFormatException">The file is not an eBPF object, or is damaged.</exception>
    public static BpfObjectSpec Read(ReadOnlyMemory<byte> image, string name) => SpecReader.Read(image, name);

    /// <summary>Returns a map by its name in C.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The map.</returns>
    /// <exception cref="BpfException">The object has no map with that name.</exception>
    public BpfMapSpec Map(string name) => Find(Maps, name, "map", static m => m.Name);

    /// <summary>Returns a program by the name of its function.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The program.</returns>
    /// <exception cref="BpfException">The object has no program with that name.</exception>
    public BpfProgramSpec Program(string name) => Find(Programs, name, "program", static p => p.Name);

    /// <summary>Returns a struct_ops map by the name of its variable.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The struct_ops map.</returns>
    /// <exception cref="BpfException">The object has no struct_ops map with that name.</exception>
    public BpfStructOpsSpec StructOpsMap(string name) => Find(StructOps, name, "struct_ops map", static t => t.Name);

    /// <summary>Returns a data section by its name.</summary>
    /// <param name="name">The section's name, such as <c>.rodata</c>.</param>
    /// <returns>The data section.</returns>
    /// <exception cref="BpfException">The object has no data section with that name.</exception>
    public BpfDataSectionSpec DataSection(string name) => Find(DataSections, name, "data section", static d => d.Name);

    /// <summary>Finds the data section and offset of a global variable.</summary>
    /// <param name="variable">Its name in C.</param>
    /// <param name="offset">Its offset within the section, in bytes.</param>
    /// <returns>The data section that contains it.</returns>
    /// <exception cref="BpfException">The object has no global variable with that name.</exception>
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
    /// Returns true when a program must be loaded: when it is enabled, or for programs of struct_ops maps, when an enabled struct_ops map uses it.
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
