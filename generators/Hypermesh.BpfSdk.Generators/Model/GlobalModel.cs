namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A global variable.</summary>
/// <param name="Name">Its property.</param>
/// <param name="Section">The data section it is in.</param>
/// <param name="Offset">Where in it, in bytes.</param>
/// <param name="Type">The type that is read and written.</param>
/// <param name="IsBoolean">True when the property is <c>bool</c> over a byte.</param>
/// <param name="IsReadOnly">True for <c>.rodata</c>: it is set before load and fixed after.</param>
/// <param name="Declaration">Type and name in C.</param>
internal sealed record GlobalModel(
    string Name,
    string Section,
    int Offset,
    string Type,
    bool IsBoolean,
    bool IsReadOnly,
    string Declaration)
{
    /// <summary>Its name in C.</summary>
    public string CName { get; init; } = "";

    /// <summary>Where it is declared, and its comment; null when that is not known.</summary>
    public SourceNote? Note { get; init; }
}
