namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>The C line of an instruction of a linked program (<c>struct bpf_line_info</c>).</summary>
/// <param name="Index">The instruction.</param>
/// <param name="FileNameOffset">The file, as an offset into the object's BTF strings.</param>
/// <param name="TextOffset">The line's text, likewise.</param>
/// <param name="LineAndColumn">The line in the upper 22 bits, the column in the lower 10.</param>
public readonly record struct LinkedLine(uint Index, uint FileNameOffset, uint TextOffset, uint LineAndColumn)
{
    /// <summary>The line, from 1.</summary>
    public int Line => (int)(LineAndColumn >> 10);

    /// <summary>The column, from 1.</summary>
    public int Column => (int)(LineAndColumn & 0x3ff);
}
