namespace Hypermesh.Bpf.Tool.Llvm.Interop;

/// <summary>An object that LLVM reads; known by its address only.</summary>
internal struct LLVMOpaqueBinary;
