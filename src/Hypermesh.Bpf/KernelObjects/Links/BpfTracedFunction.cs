namespace Hypermesh.Bpf;

/// <summary>One of the functions a typed program is attached to.</summary>
/// <param name="Name">The function; empty where the kernel hides its symbols.</param>
/// <param name="TypeId">Its number in the types that have it.</param>
/// <param name="TypesId">The number of those types: the kernel's, or a module's.</param>
/// <param name="Cookie">What the program reads there by <c>bpf_get_attach_cookie</c>, 0 for none.</param>
public readonly record struct BpfTracedFunction(string Name, uint TypeId, uint TypesId, ulong Cookie);
