namespace Hypermesh.Bpf.Tool.Llvm;

/// <summary>A section as LLVM reads it.</summary>
internal sealed record LlvmSection(string Name, byte[] Contents, IReadOnlyList<(ulong Offset, ulong Type, string Symbol)> Relocations);
