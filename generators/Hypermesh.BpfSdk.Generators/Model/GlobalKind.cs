namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>How a global variable is shown.</summary>
internal enum GlobalKind
{
    /// <summary>A property of its type.</summary>
    Value,

    /// <summary>A <c>bool</c> property over a byte.</summary>
    Boolean,

    /// <summary>A property of it as it lies in memory, and one that swaps it.</summary>
    BigEndian,

    /// <summary>A view of an array, element by element.</summary>
    Array,
}
