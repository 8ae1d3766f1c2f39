namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>How a C member is shown in C#.</summary>
internal enum FieldKind
{
    /// <summary>A public field.</summary>
    Plain,

    /// <summary>A <c>bool</c> property over a hidden byte.</summary>
    Boolean,

    /// <summary>A public field as it lies in memory, and a property that swaps it.</summary>
    BigEndian,

    /// <summary>A property that shifts and masks a hidden field.</summary>
    Bitfield,

    /// <summary>A hidden field: the kernel's own, such as a lock.</summary>
    Hidden,

    /// <summary>No field: an array without a length, whose elements follow the struct.</summary>
    Flexible,
}
