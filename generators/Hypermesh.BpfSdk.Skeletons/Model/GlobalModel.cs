namespace Hypermesh.BpfSdk.Skeletons.Model;

/// <summary>A global variable.</summary>
/// <param name="CName">Its name in C.</param>
/// <param name="Name">Its property.</param>
/// <param name="Section">The data section it is in.</param>
/// <param name="Kind">How it is shown.</param>
/// <param name="Type">The type that is read and written; of a view that of an element.</param>
/// <param name="Length">Of a view, how many elements there are; 0 when that can be changed before the load.</param>
/// <param name="Origin">Who fills it.</param>
/// <param name="Declaration">Type and name in C.</param>
internal sealed record GlobalModel(
    string CName,
    string Name,
    string Section,
    GlobalKind Kind,
    string Type,
    int Length,
    GlobalOrigin Origin,
    string Declaration)
{
    /// <summary>Where it is declared, and its comment; null when that is not known.</summary>
    public SourceNote? Note { get; init; }
}

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

/// <summary>Who gives a global variable its value, and when.</summary>
internal enum GlobalOrigin
{
    /// <summary>Anyone, at any time.</summary>
    Variable,

    /// <summary>The user before the load; fixed after it.</summary>
    Constant,

    /// <summary>The load: an option of the kernel's configuration.</summary>
    KernelConfig,
}
