using System.Text.Json.Serialization;
using Hypermesh.Bpf.Objects.Merging;

namespace Hypermesh.Bpf.Handover;

/// <summary>What is pinned in a folder: each pin is written down before it is made, and crossed out after it is removed.</summary>
/// <param name="Format">The version of this record.</param>
/// <param name="Object">The object's name.</param>
/// <param name="Generation">How many versions of the object there were.</param>
/// <param name="IsComplete">False until the first version was loaded as a whole: what lies there before is of no use.</param>
/// <param name="Owner">The process that wrote it last.</param>
/// <param name="Pins">The pins.</param>
internal sealed record HandoverManifest(int Format, string Object, int Generation, bool IsComplete, HandoverOwner Owner, IReadOnlyList<HandoverPin> Pins)
{
    /// <summary>The version of the record that this SDK writes.</summary>
    internal const int CurrentFormat = 1;
}

/// <summary>A process, for messages: the lock decides who has the folder.</summary>
internal sealed record HandoverOwner(int Process, string Name, string Sdk);

/// <summary>A pin.</summary>
/// <param name="Pin">Its file name.</param>
/// <param name="Kind">What is pinned.</param>
/// <param name="Name">The name in C: of the map, the data section, or the program that it belongs to.</param>
/// <param name="Id">The kernel's ID of the object, by which a pin that someone has replaced is found.</param>
/// <param name="State">Whether it is in use.</param>
internal sealed record HandoverPin(string Pin, HandoverKind Kind, string Name, uint Id, HandoverState State)
{
    /// <summary>Of a map.</summary>
    public RecordedMap? Map { get; init; }

    /// <summary>Of a data section.</summary>
    public RecordedSection? Section { get; init; }

    /// <summary>Of a program.</summary>
    public RecordedProgram? Program { get; init; }

    /// <summary>Of a link: what the program is attached to.</summary>
    public string? Target { get; init; }
}

/// <summary>What is pinned.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HandoverKind>))]
internal enum HandoverKind
{
    /// <summary>A map.</summary>
    Map,

    /// <summary>The map of a data section.</summary>
    Section,

    /// <summary>A program.</summary>
    Program,

    /// <summary>The dispatcher of a program.</summary>
    Dispatcher,

    /// <summary>The array of a dispatcher.</summary>
    Slot,

    /// <summary>The counter of a dispatcher.</summary>
    Misses,

    /// <summary>A link.</summary>
    Link,
}

/// <summary>Whether a pin is in use.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HandoverState>))]
internal enum HandoverState
{
    /// <summary>It is about to be made: it may not be there.</summary>
    Coming,

    /// <summary>It belongs to the version that runs.</summary>
    Current,

    /// <summary>A map of an earlier version, whose values are read with those of the current one.</summary>
    Earlier,

    /// <summary>It is about to be removed: it may not be there.</summary>
    Going,
}

/// <summary>The facts of a map.</summary>
internal sealed record RecordedMap(string Signature, string Key, string Value, IReadOnlyList<MergeField>? Fields, string? Fault);

/// <summary>The facts of a data section.</summary>
internal sealed record RecordedSection(string Signature, bool IsReadOnly, bool IsShared, IReadOnlyList<MergeField> Fields, IReadOnlyList<string> Untagged, byte[]? Initial);

/// <summary>The hook that a program was verified for.</summary>
internal sealed record RecordedProgram(string Section, uint Type, uint AttachType, int BtfId, string? Target, int Flags, int ContextEnd, int DispatcherEnd);

/// <summary>Reads and writes a manifest as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HandoverManifest))]
internal sealed partial class HandoverJson : JsonSerializerContext;
