namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>A call of, or a pointer to, another function of the object.</summary>
/// <param name="Index">The instruction within the calling unit.</param>
/// <param name="Callee">The function.</param>
internal readonly record struct FunctionCall(int Index, CodeUnit Callee);
