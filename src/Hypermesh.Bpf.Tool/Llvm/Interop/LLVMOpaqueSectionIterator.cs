namespace Hypermesh.Bpf.Tool.Llvm.Interop;

/// <summary>A place among an object's sections; known by its address only.</summary>
internal struct LLVMOpaqueSectionIterator;
