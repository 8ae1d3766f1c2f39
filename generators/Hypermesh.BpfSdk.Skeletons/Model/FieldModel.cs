using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Model;

/// <summary>A member of a struct or union.</summary>
/// <param name="CName">Its name in C.</param>
/// <param name="Declaration">Type and name in C.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Kind">Its form in C#.</param>
/// <param name="Type">Its C# type; for a bitfield the property's, for an array without a length the element's.</param>
/// <param name="Offset">Bytes from the start of the struct; for a bitfield of its first byte.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Bits">Where a bitfield's bits are, else null.</param>
/// <param name="Sum">How two CPUs' values are combined; null where they cannot be.</param>
internal sealed record FieldModel(
    string CName,
    string Declaration,
    string Name,
    FieldKind Kind,
    string Type,
    int Offset,
    int Size,
    BitfieldModel? Bits,
    SumModel? Sum)
{
    /// <summary>The suffix of the property that swaps the bytes of a big-endian field.</summary>
    public const string HostOrderSuffix = "HostOrder";

    /// <summary>The place of its declaration, and its comment; null when they are not known.</summary>
    public SourceNote? Note { get; init; }

    /// <summary>The name of the field in memory.</summary>
    public string StorageName => Kind switch
    {
        FieldKind.Boolean => "_raw" + Name,
        FieldKind.Hidden => "_kernel" + Name,
        _ => Name,
    };

    /// <summary>The fields in memory.</summary>
    public IEnumerable<FieldLayout> Layout => Kind switch
    {
        FieldKind.Bitfield => Bits!.Storage,
        FieldKind.Flexible => [],
        _ => [new FieldLayout(StorageName, Offset, Size)],
    };
}

/// <summary>The form of a C member in C#.</summary>
internal enum FieldKind
{
    /// <summary>A public field.</summary>
    Plain,

    /// <summary>A <c>bool</c> property over a hidden byte.</summary>
    Boolean,

    /// <summary>A public field with the bytes as stored, and a property that swaps them.</summary>
    BigEndian,

    /// <summary>A property that shifts and masks a hidden field.</summary>
    Bitfield,

    /// <summary>A hidden field: the kernel's own, such as a lock.</summary>
    Hidden,

    /// <summary>No field: an array without a length, whose elements follow the struct.</summary>
    Flexible,
}

/// <summary>A field's place in memory.</summary>
/// <param name="Name">The C# field, which is hidden behind a property for <c>_Bool</c> and bitfields.</param>
/// <param name="Offset">Bytes from the start of the struct.</param>
/// <param name="Size">Bytes.</param>
internal sealed record FieldLayout(string Name, int Offset, int Size);

/// <summary>The place of a bitfield's bits.</summary>
/// <param name="Storage">The hidden fields that hold them, lowest first: one unit, or single bytes where no unit fits.</param>
/// <param name="Shift">Its lowest bit, from the lowest bit of the first storage field.</param>
/// <param name="Width">How many bits it has.</param>
/// <param name="IsSigned">True when its highest bit is a sign.</param>
/// <param name="IsBoolean">True for a <c>_Bool</c>.</param>
internal sealed record BitfieldModel(EquatableArray<FieldLayout> Storage, int Shift, int Width, bool IsSigned, bool IsBoolean);

/// <summary>An array within a struct, map value or variable.</summary>
/// <param name="CType">The array in C's words.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Kind">The form of its elements in C#.</param>
/// <param name="ElementType">The C# type of its elements; of <c>bool</c>s that of the underlying array of bytes.</param>
/// <param name="Length">The number of elements.</param>
/// <param name="Size">Bytes in all.</param>
internal sealed record ArrayModel(string CType, string Name, ArrayKind Kind, string ElementType, int Length, int Size);

/// <summary>The form of an array's elements in C#.</summary>
internal enum ArrayKind
{
    /// <summary>As they are.</summary>
    Plain,

    /// <summary>As <c>bool</c> over hidden bytes.</summary>
    Boolean,

    /// <summary>As stored, and by methods that swap their bytes.</summary>
    BigEndian,
}
