namespace Hypermesh.Bpf;

/// <summary>Where a function of a loaded program begins.</summary>
/// <param name="Index">Its first instruction, as the kernel translated the program.</param>
/// <param name="Name">The C function.</param>
public readonly record struct BpfFunctionEntry(int Index, string Name);
