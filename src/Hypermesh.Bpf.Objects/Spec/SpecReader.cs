using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Objects.Spec;

/// <summary>Reads a spec from a file: finds the sections with programs, maps, globals and license.</summary>
internal static class SpecReader
{
    internal const string SubprogramSection = ".text";

    private const int MostAliases = 16;

    public static BpfObjectSpec Read(ReadOnlyMemory<byte> image, string name)
    {
        ElfObject elf = ElfObject.Read(image, name);
        if (elf.Machine != ElfObject.BpfMachine)
        {
            throw new BpfObjectFormatException(name, null, 18, $"machine {elf.Machine} is not eBPF ({ElfObject.BpfMachine}): was clang called with -target bpf?");
        }

        BtfTypes? btf = elf.FindSection(".BTF") is { Size: > 0 } types ? BtfTypes.Read(types.Data, name) : null;
        btf?.CheckNames();
        BtfExtension? extension = btf is not null && elf.FindSection(".BTF.ext") is { Size: > 0 } ext ? BtfExtension.Read(ext.Data, name, btf) : null;
        IReadOnlyList<BpfExternSpec> externs = ExternReader.Read(elf, btf);
        IReadOnlyList<BpfMapSpec> maps = MapDefinitionReader.Read(elf, btf);
        var spec = new BpfObjectSpec(name, elf, btf, extension)
        {
            Externs = externs,
            KernelConfig = KernelConfigLayout.Section(name, btf, externs),
            License = License(elf),
            KernelVersion = elf.FindSection("version") is { Data.Length: >= 4 } version ? Reader(elf, version).U32(0) : 0,
            Maps = maps,
            DataSections = DataSectionReader.Read(elf, btf, maps),
            Programs = Programs(elf, btf, extension),
        };
        spec.StructOps = StructOpsReader.Read(elf, btf, spec.Programs);
        CheckNames(name, "program", spec.Programs.Select(static program => program.Name));
        CheckNames(name, "map", spec.Maps.Select(static map => map.Name));
        CheckNames(name, "struct_ops map", spec.StructOps.Select(static table => table.Name));
        CheckNames(name, "data section", spec.DataSections.Select(static section => section.Name));
        CheckNames(name, "extern", externs.Select(static one => one.Name));
        return spec;
    }

    // Compilers do not write two items with one name, but a damaged file may have them, and all items are found by name.
    private static void CheckNames(string fileName, string what, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!seen.Add(name))
            {
                throw new BpfObjectFormatException(fileName, null, null, $"two {what}s have the name '{name}'");
            }
        }
    }

    internal static FormatReader Reader(ElfObject elf, ElfSection section) => new(section.Data, elf.IsLittleEndian, elf.FileName, section.Name);

    private static string License(ElfObject elf)
    {
        if (elf.FindSection("license") is not { Data.IsEmpty: false } section)
        {
            return "";
        }

        ReadOnlySpan<byte> text = section.Data.Span;
        int end = text.IndexOf((byte)0);
        return FormatReader.Utf8(end < 0 ? text : text.Slice(0, end));
    }

    private static List<BpfProgramSpec> Programs(ElfObject elf, BtfTypes? btf, BtfExtension? extension)
    {
        var programs = new List<BpfProgramSpec>();
        ulong left = (ulong)elf.Image.Length * MostAliases;
        foreach (ElfSection section in elf.Sections)
        {
            if (!section.IsExecutable || section.Type != ElfSectionType.Contents || section.Size == 0 || section.Name == SubprogramSection)
            {
                continue;
            }

            bool leftOut = section.Name.StartsWith("?", StringComparison.Ordinal);
            string sectionName = leftOut ? section.Name.Substring(1) : section.Name;
            SectionDefinition definition = SectionTable.Find(sectionName);
            foreach (ElfSymbol symbol in elf.SymbolsOf(section).Where(static s => s.Type == ElfSymbolType.Function && s.Binding != ElfSymbolBinding.Local)
                .OrderBy(static s => s.Value))
            {
                // Two names for one function (an alias) are two programs. The limit prevents linking, loading and listing thousands of aliases.
                if (symbol.Size > left)
                {
                    throw new BpfObjectFormatException(elf.FileName, section.Name, null, $"its programs overlap: together they have more than {MostAliases} times as many bytes as the file");
                }

                left -= symbol.Size;
                programs.Add(new BpfProgramSpec(elf.FileName, symbol.Name, sectionName, definition, section, symbol)
                {
                    Enabled = !leftOut,
                    FunctionTypeId = FunctionType(btf, extension, section, symbol),
                });
            }
        }

        return programs;
    }

    private static int FunctionType(BtfTypes? btf, BtfExtension? extension, ElfSection section, ElfSymbol symbol)
    {
        if (btf is null)
        {
            return 0;
        }

        return extension?.FunctionsWithin(section.Name, symbol.Value, 1) is { Count: > 0 } found ? found.Array![found.Offset].TypeId : btf.Find(symbol.Name, BtfKind.Function);
    }
}
