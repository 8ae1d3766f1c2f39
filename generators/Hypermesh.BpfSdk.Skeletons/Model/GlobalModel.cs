namespace Hypermesh.BpfSdk.Skeletons.Model;

/// <summary>A global variable.</summary>
/// <param name="CName">Its name in C.</param>
/// <param name="Name">Its property.</param>
/// <param name="Section">The data section it is in.</param>
/// <param name="Kind">Its form in C#.</param>
/// <param name="Type">The type that is read and written; of a view that of an element.</param>
/// <param name="Length">Of a view, how many elements there are; 0 when that can be changed before the load.</param>
/// <param name="Origin">Where its value comes from.</param>
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
    /// <summary>The place of its declaration, and its comment; null when they are not known.</summary>
    public SourceNote? Note { get; init; }
}

/// <summary>The form of a global variable in C#.</summary>
internal enum GlobalKind
{
    /// <summary>A property of its type.</summary>
    Value,

    /// <summary>A <c>bool</c> property over a byte.</summary>
    Boolean,

    /// <summary>A property with the bytes as stored, and one that swaps them.</summary>
    BigEndian,

    /// <summary>A view of an array, element by element.</summary>
    Array,
}

/// <summary>The source of a global variable's value, and when it is set.</summary>
internal enum GlobalOrigin
{
    /// <summary>Anyone, at any time.</summary>
    Variable,

    /// <summary>The user before the load; fixed after it.</summary>
    Constant,

    /// <summary>The load: an option of the kernel's configuration.</summary>
    KernelConfig,
}
