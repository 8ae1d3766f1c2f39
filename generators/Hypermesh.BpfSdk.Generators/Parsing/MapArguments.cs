namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>What a map's class is generic over.</summary>
internal enum MapArguments
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The value.</summary>
    Value,

    /// <summary>The key.</summary>
    Key,

    /// <summary>The key and the value.</summary>
    KeyAndValue,

    /// <summary>The event, where the C names its type.</summary>
    Event,

    /// <summary>The class of the inner maps.</summary>
    Inner,

    /// <summary>The key and the class of the inner maps.</summary>
    KeyAndInner,
}
