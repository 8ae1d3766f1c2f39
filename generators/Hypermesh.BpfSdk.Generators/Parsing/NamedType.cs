namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>A struct, union or enum with its C# name.</summary>
/// <param name="Id">Its BTF id.</param>
/// <param name="CName">What it is in C: <c>struct event</c>, or <c>union in event.address</c> when it has no name.</param>
/// <param name="Name">Its C# name within the skeleton.</param>
/// <param name="Key">What the carrier calls it: <c>struct event</c>, or <c>struct event.address</c> when it has no name.</param>
/// <param name="IsEmitted">False when another type has the name; that has been reported.</param>
internal sealed record NamedType(int Id, string CName, string Name, string Key, bool IsEmitted);
