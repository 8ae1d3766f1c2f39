using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Model;

/// <summary>A struct or union.</summary>
/// <param name="CName">Its name in C: <c>struct event</c>, or its place when it has no name.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Size">Its size in bytes, as BTF states it.</param>
/// <param name="AddsUp">True when it is summed over CPUs: each field has a <see cref="FieldModel.Sum"/>.</param>
/// <param name="Fields">What a user sees, in C's order; members of anonymous structs and unions among them.</param>
/// <param name="Union">The facts about its kinds, when it is a record of several kinds; else null.</param>
/// <param name="EventOf">The records of several kinds of which it is one.</param>
internal sealed record StructModel(
    string CName,
    string Name,
    int Size,
    bool AddsUp,
    EquatableArray<FieldModel> Fields,
    EventUnionModel? Union,
    EquatableArray<EventOfModel> EventOf)
{
    /// <summary>Its key in the carrier.</summary>
    public string Key { get; init; } = "";

    /// <summary>The place of its declaration, and its comment; null when they are not known.</summary>
    public SourceNote? Note { get; init; }

    /// <summary>Bits of members that C# cannot express. They are not public, but values are compared with them.</summary>
    public EquatableArray<BitRange> Unshown { get; init; }

    /// <summary>The layout that the compiled struct must have.</summary>
    public StructLayout Layout => new(Name, Size, Fields.SelectMany(member => member.Layout).Distinct().ToEquatableArray());
}

/// <summary>Some neighbouring bits of a struct.</summary>
/// <param name="Start">The first, from the start of the struct.</param>
/// <param name="Length">The number of bits.</param>
internal sealed record BitRange(long Start, long Length)
{
    /// <summary>The bit after them.</summary>
    public long End => Start + Length;
}

/// <summary>A struct's layout in memory, which a check of the compiled assembly compares.</summary>
/// <param name="TypeName">The struct's C# name within the skeleton.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Fields">Its fields, hidden ones included.</param>
internal sealed record StructLayout(string TypeName, int Size, EquatableArray<FieldLayout> Fields);

/// <summary>A <c>char[N]</c>.</summary>
/// <param name="Name">Its C# name.</param>
/// <param name="Length">How many bytes it has.</param>
internal sealed record TextModel(string Name, int Length);

/// <summary>The way in which a member of two CPUs' values is combined.</summary>
/// <param name="Operation">The operation on the numbers.</param>
/// <param name="Dimensions">The lengths of the arrays around them, outermost first.</param>
/// <param name="NumberType">The C# type of the numbers; null when they are structs.</param>
/// <param name="StructType">The C# type of the structs, which add up themselves; null when they are numbers.</param>
internal sealed record SumModel(SumOperation Operation, EquatableArray<int> Dimensions, string? NumberType, string? StructType);

/// <summary>The way in which numbers of several CPUs are combined. <c>btf_decl_tag("sum|max|min")</c> sets it in C, and integers without a tag are added.</summary>
internal enum SumOperation
{
    /// <summary>They are added.</summary>
    Sum,

    /// <summary>The greatest value is kept.</summary>
    Maximum,

    /// <summary>The least value is kept.</summary>
    Minimum,
}
