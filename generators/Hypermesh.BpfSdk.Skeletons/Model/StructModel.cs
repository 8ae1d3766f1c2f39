using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Model;

/// <summary>A struct or union.</summary>
/// <param name="CName">What it is in C: <c>struct event</c>, or where it stands when it has no name.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Size">Its size in bytes, as BTF states it.</param>
/// <param name="AddsUp">True when it is summed over CPUs: each field has a <see cref="FieldModel.Sum"/>.</param>
/// <param name="Fields">What a user sees, in C's order; members of anonymous structs and unions among them.</param>
/// <param name="Union">What makes it a record of several kinds, else null.</param>
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
    /// <summary>What the carrier calls it.</summary>
    public string Key { get; init; } = "";

    /// <summary>Where it is declared, and its comment; null when that is not known.</summary>
    public SourceNote? Note { get; init; }

    /// <summary>Bits of members that C# cannot express. They are not shown, but they count when values are compared.</summary>
    public EquatableArray<BitRange> Unshown { get; init; }

    /// <summary>What the compiled struct must look like.</summary>
    public StructLayout Layout => new(Name, Size, Fields.SelectMany(member => member.Layout).Distinct().ToEquatableArray());
}

/// <summary>Some neighbouring bits of a struct.</summary>
/// <param name="Start">The first, from the start of the struct.</param>
/// <param name="Length">How many.</param>
internal sealed record BitRange(long Start, long Length)
{
    /// <summary>The bit after them.</summary>
    public long End => Start + Length;
}

/// <summary>A struct as it must lie in memory: what a check of the compiled assembly compares.</summary>
/// <param name="TypeName">The struct's C# name within the skeleton.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Fields">Its fields, hidden ones included.</param>
internal sealed record StructLayout(string TypeName, int Size, EquatableArray<FieldLayout> Fields);

/// <summary>A <c>char[N]</c>.</summary>
/// <param name="Name">Its C# name.</param>
/// <param name="Length">How many bytes it has.</param>
internal sealed record TextModel(string Name, int Length);

/// <summary>How a member of two CPUs' values becomes one.</summary>
/// <param name="Operation">What is done with the numbers.</param>
/// <param name="Dimensions">The lengths of the arrays around them, outermost first.</param>
/// <param name="NumberType">The C# type of the numbers; null when they are structs.</param>
/// <param name="StructType">The C# type of the structs, which add up themselves; null when they are numbers.</param>
internal sealed record SumModel(SumOperation Operation, EquatableArray<int> Dimensions, string? NumberType, string? StructType);

/// <summary>How numbers of several CPUs become one; <c>btf_decl_tag("sum|max|min")</c> says it in C, and an integer without a tag is added.</summary>
internal enum SumOperation
{
    /// <summary>They are added.</summary>
    Sum,

    /// <summary>The greatest counts.</summary>
    Maximum,

    /// <summary>The least counts.</summary>
    Minimum,
}
