namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>One entry of the symbol table.</summary>
/// <param name="Index">Its index in the table.</param>
/// <param name="Name">Its name; empty for section symbols.</param>
/// <param name="Type">Its type: function, object, section or file.</param>
/// <param name="Binding">The scope in which it is visible.</param>
/// <param name="Visibility"><c>STV_*</c>: 0 default, 1 internal, 2 hidden, 3 protected.</param>
/// <param name="SectionIndex">The index of its section; 0 when undefined, 0xfff1 (absolute) and above are reserved.</param>
/// <param name="Value">Its offset within the section, in bytes.</param>
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

/// <summary>The scope in which a symbol is visible (<c>STB_*</c>).</summary>
internal enum ElfSymbolBinding : byte
{
    /// <summary>Visible only in its own file (<c>static</c> in C).</summary>
    Local = 0,

    /// <summary>Visible everywhere.</summary>
    Global = 1,

    /// <summary>Visible everywhere; it may be missing or overridden.</summary>
    Weak = 2,
}

/// <summary>The type of a symbol (<c>STT_*</c>).</summary>
internal enum ElfSymbolType : byte
{
    /// <summary>Unspecified, such as an undefined symbol.</summary>
    None = 0,

    /// <summary>A variable or map.</summary>
    Object = 1,

    /// <summary>A function.</summary>
    Function = 2,

    /// <summary>A whole section.</summary>
    Section = 3,

    /// <summary>The source file's name.</summary>
    File = 4,
}
