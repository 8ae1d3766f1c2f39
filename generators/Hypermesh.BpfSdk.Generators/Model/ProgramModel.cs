namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A program.</summary>
/// <param name="CName">Its function's name, by which it is looked up.</param>
/// <param name="Name">Its property.</param>
/// <param name="Type">The C# type of the live program, which has the attach that is legal for it and no other.</param>
/// <param name="Section">Its section.</param>
/// <param name="Line">Its line in the C file, 0 when unknown.</param>
internal sealed record ProgramModel(string CName, string Name, string Type, string Section, int Line)
{
    /// <summary>Where it is declared, and its comment; null when that is not known.</summary>
    public SourceNote? Note { get; init; }
}
