namespace Hypermesh.Bpf.Tool.Llvm.Interop;

/// <summary>What LLVM keeps between calls; none is needed here; known by its address only.</summary>
internal struct LLVMOpaqueContext;
