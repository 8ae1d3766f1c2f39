using Hypermesh.BpfSdk.Generators.Helpers;

namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A member of a struct or union.</summary>
/// <param name="CName">Its name in C.</param>
/// <param name="Declaration">Type and name in C.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Kind">How it is shown.</param>
/// <param name="Type">Its C# type; for a bitfield the property's, for an array without a length the element's.</param>
/// <param name="Offset">Bytes from the start of the struct; for a bitfield of its first byte.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Bits">Where a bitfield's bits are, else null.</param>
/// <param name="Sum">How two CPUs' values become one, null where they cannot.</param>
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
    /// <summary>What the property that swaps a big-endian field is called, after the field.</summary>
    public const string HostOrderSuffix = "HostOrder";

    /// <summary>Where it is declared, and its comment; null when that is not known.</summary>
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
