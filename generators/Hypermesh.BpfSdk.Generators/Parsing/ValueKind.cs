namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>What matters about a value's type beyond its C# name.</summary>
internal enum ValueKind
{
    /// <summary>Nothing does.</summary>
    Plain,

    /// <summary>A byte that is true or false.</summary>
    Boolean,

    /// <summary>An integer in network order.</summary>
    BigEndian,
}
