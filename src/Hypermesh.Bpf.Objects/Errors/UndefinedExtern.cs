namespace Hypermesh.Bpf.Objects.Errors;

/// <summary>A map, variable or function that the C declares <c>extern</c>, that its object does not define, and that is not the kernel's.</summary>
/// <param name="Name">The name in C.</param>
/// <param name="Kind">What it is: <c>map</c>, <c>variable</c> or <c>function</c>.</param>
internal sealed record UndefinedExtern(string Name, string Kind);
