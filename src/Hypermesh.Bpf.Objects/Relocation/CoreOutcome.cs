namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>What a CO-RE relocation came to.</summary>
/// <param name="IsPoisoned">True when the running kernel has no answer: the instruction is now a call the verifier refuses if it can be reached.</param>
/// <param name="LocalValue">The value by the object's own types, which the compiler put into the instruction.</param>
/// <param name="TargetValue">The value by the running kernel's types, which the instruction now holds unless it is poisoned.</param>
public readonly record struct CoreOutcome(bool IsPoisoned, ulong LocalValue, ulong TargetValue);
