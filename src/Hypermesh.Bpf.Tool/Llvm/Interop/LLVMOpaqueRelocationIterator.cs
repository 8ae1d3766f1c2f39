namespace Hypermesh.Bpf.Tool.Llvm.Interop;

/// <summary>A place among a section's relocations; known by its address only.</summary>
internal struct LLVMOpaqueRelocationIterator;
