namespace Hypermesh.Bpf.Tool.Llvm.Interop;

/// <summary>Bytes that LLVM holds; known by its address only.</summary>
internal struct LLVMOpaqueMemoryBuffer;
