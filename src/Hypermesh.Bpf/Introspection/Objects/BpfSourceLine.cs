namespace Hypermesh.Bpf;

/// <summary>The line of C an instruction of a loaded program comes from.</summary>
/// <param name="Index">The first instruction of the line, as the kernel translated the program.</param>
/// <param name="File">The file, as the compiler was given it.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Text">The line's text.</param>
public readonly record struct BpfSourceLine(int Index, string File, int Line, int Column, string Text);
