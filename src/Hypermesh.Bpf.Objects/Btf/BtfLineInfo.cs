namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>The C line an instruction comes from.</summary>
/// <param name="InstructionOffset">In bytes from the start of its section.</param>
/// <param name="FileNameOffset">The file, for <see cref="BtfTypes.GetString"/>.</param>
/// <param name="TextOffset">The line's text, for <see cref="BtfTypes.GetString"/>.</param>
/// <param name="LineAndColumn">The line in the upper 22 bits, the column in the lower 10.</param>
public readonly record struct BtfLineInfo(uint InstructionOffset, uint FileNameOffset, uint TextOffset, uint LineAndColumn)
{
    /// <summary>The line, from 1.</summary>
    public int Line => (int)(LineAndColumn >> 10);

    /// <summary>The column, from 1.</summary>
    public int Column => (int)(LineAndColumn & 0x3ff);
}
