namespace Hypermesh.Bpf.Objects;

/// <summary>Where an option's value stands in <c>.kconfig</c>, and how.</summary>
/// <param name="Type">How the C declares it.</param>
/// <param name="Offset">Its first byte in the section.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="IsSigned">True for signed integers.</param>
public sealed record KernelConfigVariable(KernelConfigType Type, int Offset, int Size, bool IsSigned);
