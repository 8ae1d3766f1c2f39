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
internal readonly record struct ElfSymbol(
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

/// <summary>Who sees a symbol (<c>STB_*</c>).</summary>
internal enum ElfSymbolBinding : byte
{
    /// <summary>Its own file only (<c>static</c> in C).</summary>
    Local = 0,

    /// <summary>Everyone.</summary>
    Global = 1,

    /// <summary>Everyone, and it may be missing or be overridden.</summary>
    Weak = 2,
}

/// <summary>What a symbol names (<c>STT_*</c>).</summary>
internal enum ElfSymbolType : byte
{
    /// <summary>Unspecified, such as an undefined symbol.</summary>
    None = 0,

    /// <summary>A variable or map.</summary>
    Object = 1,

    /// <summary>A function.</summary>
    Function = 2,

    /// <summary>A section as a whole.</summary>
    Section = 3,

    /// <summary>The source file's name.</summary>
    File = 4,
}
