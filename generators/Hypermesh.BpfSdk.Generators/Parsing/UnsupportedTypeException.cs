namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>A C type has no C# counterpart; the message says why, in a sentence that ends a diagnostic.</summary>
internal sealed class UnsupportedTypeException(string reason) : Exception(reason);
