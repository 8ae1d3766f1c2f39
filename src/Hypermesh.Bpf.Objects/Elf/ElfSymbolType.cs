namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>What a symbol names (<c>STT_*</c>).</summary>
public enum ElfSymbolType : byte
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
