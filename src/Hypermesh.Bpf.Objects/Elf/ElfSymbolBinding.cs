namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>Who sees a symbol (<c>STB_*</c>).</summary>
public enum ElfSymbolBinding : byte
{
    /// <summary>Its own file only (<c>static</c> in C).</summary>
    Local = 0,

    /// <summary>Everyone.</summary>
    Global = 1,

    /// <summary>Everyone, and it may be missing or be overridden.</summary>
    Weak = 2,
}
