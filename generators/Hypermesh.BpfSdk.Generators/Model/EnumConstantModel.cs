namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A constant of an enum.</summary>
/// <param name="CName">Its name in C.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Value">Its value as a literal.</param>
internal sealed record EnumConstantModel(string CName, string Name, string Value)
{
    /// <summary>Where it is declared, and its comment; null when that is not known.</summary>
    public SourceNote? Note { get; init; }
}
