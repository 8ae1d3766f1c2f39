namespace Hypermesh.Bpf.Objects.Metrics;

/// <summary>An attribute of a measurement: a part of a map's key.</summary>
/// <param name="Name">Its name: <c>key</c>, or the member's, with those of the structs around it.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Place">Where the part is within the key; for texts and bytes, the size is their length.</param>
/// <param name="Names">The constants of an enum.</param>
internal sealed record MetricAttribute(string Name, MetricAttributeKind Kind, MetricInteger Place, IReadOnlyDictionary<ulong, string> Names);

/// <summary>What the value of an attribute is.</summary>
internal enum MetricAttributeKind
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>The name of an enum's constant; its number when it has no name.</summary>
    Constant,

    /// <summary>A text in UTF-8 that a NUL may end.</summary>
    Text,

    /// <summary>Bytes, in hexadecimal.</summary>
    Bytes,
}
