namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A map.</summary>
/// <param name="CName">Its name in C, by which it is looked up.</param>
/// <param name="Name">Its property.</param>
/// <param name="Type">The C# type of the live map.</param>
/// <param name="Description">Kind, key and value in C's words.</param>
/// <param name="DropCounter">The map that counts a ring buffer's failed reservations, null where the C does not count.</param>
/// <param name="Argument">What else the live map is made with, as C# writes it; null for nothing.</param>
internal sealed record MapModel(string CName, string Name, string Type, string Description, string? DropCounter, string? Argument)
{
    /// <summary>Where it is declared, and its comment; null when that is not known.</summary>
    public SourceNote? Note { get; init; }
}
