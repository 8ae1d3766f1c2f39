namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>What the programs of an object do with a map.</summary>
internal enum MapUse
{
    /// <summary>It is not used, or not all of its uses are known.</summary>
    Unknown,

    /// <summary>Its entries are read or removed, and none is added.</summary>
    Read,

    /// <summary>Entries are added.</summary>
    Written,
}
