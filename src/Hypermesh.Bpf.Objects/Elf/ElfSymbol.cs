namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>One entry of the symbol table.</summary>
/// <param name="Index">Its place in the table.</param>
/// <param name="Name">Its name; empty for section symbols.</param>
/// <param name="Type">What it names.</param>
/// <param name="Binding">Who sees it.</param>
/// <param name="Visibility"><c>STV_*</c>: 0 default, 1 internal, 2 hidden, 3 protected.</param>
/// <param name="SectionIndex">The section it lies in; 0 when undefined, 0xfff1 (absolute) and above are reserved.</param>
/// <param name="Value">The byte within the section.</param>
/// <param name="Size">Its size in bytes.</param>
public readonly record struct ElfSymbol(
    int Index,
    string Name,
    ElfSymbolType Type,
    ElfSymbolBinding Binding,
    byte Visibility,
    int SectionIndex,
    ulong Value,
    ulong Size)
{
    /// <summary>True for <c>__hidden</c> symbols: global to the linker, private to the object.</summary>
    public bool IsHidden => Visibility is 1 or 2;
}
