namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>A class and the source that makes it.</summary>
internal sealed record ClassClaim(string FullName, string Source);
