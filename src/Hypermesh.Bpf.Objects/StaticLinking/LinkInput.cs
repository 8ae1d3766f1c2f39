using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>One of the objects to link, and the results for its sections, symbols and types.</summary>
internal sealed class LinkInput
{
    private Dictionary<string, LinkedSymbol>? _byName;

    private LinkInput(ElfObject elf, BtfTypes? types, BtfExtension? extension)
    {
        Elf = elf;
        Types = types;
        Extension = extension;
        Declarations = SymbolTypes.Read(types);
        Places = new SectionPlace?[elf.Sections.Count];
        Symbols = new LinkedSymbol?[elf.Symbols.Count];
        TypeIds = new int[types?.Count ?? 1];
    }

    public ElfObject Elf { get; }

    public BtfTypes? Types { get; }

    public BtfExtension? Extension { get; }

    /// <summary>The types of its symbols.</summary>
    public SymbolTypes Declarations { get; }

    /// <summary>By section: the position of its contents in the linked object; null when they are omitted.</summary>
    public SectionPlace?[] Places { get; }

    /// <summary>By symbol: the symbol in the linked object; null when it is omitted.</summary>
    public LinkedSymbol?[] Symbols { get; }

    /// <summary>By type: its ID in the linked object; 0 when it is omitted.</summary>
    public int[] TypeIds { get; }

    public string FileName => Elf.FileName;

    public static LinkInput Read(ReadOnlyMemory<byte> image, string name)
    {
        ElfObject elf = ElfObject.Read(image, name);
        if (elf.Machine != ElfObject.BpfMachine)
        {
            throw new BpfObjectFormatException(name, null, 18, $"machine {elf.Machine} is not eBPF ({ElfObject.BpfMachine}): was clang called with -target bpf?");
        }

        BtfTypes? types = elf.FindSection(".BTF") is { Size: > 0 } btf ? BtfTypes.Read(btf.Data, name) : null;
        types?.CheckNames();
        BtfExtension? extension = types is not null && elf.FindSection(".BTF.ext") is { Size: > 0 } ext ? BtfExtension.Read(ext.Data, name, types) : null;
        return new LinkInput(elf, types, extension);
    }

    /// <summary>Returns the linked symbol of one of its non-static functions or variables; null when it is omitted.</summary>
    public LinkedSymbol? SymbolOf(string name)
    {
        _byName ??= Symbols.Where(static symbol => symbol is { TypeId: > 0 }).GroupBy(static symbol => symbol!.Name, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.First()!, StringComparer.Ordinal);
        return _byName.TryGetValue(name, out LinkedSymbol? found) ? found : null;
    }

    public BpfObjectFormatException Format(string? section, string problem) => new(FileName, section, null, problem);
}
