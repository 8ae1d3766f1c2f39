namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>An instruction that must not be reached, since the running kernel lacks what it asks for.</summary>
/// <param name="Index">The instruction.</param>
/// <param name="Reason">What is missing.</param>
public readonly record struct PoisonedInstruction(int Index, string Reason);
