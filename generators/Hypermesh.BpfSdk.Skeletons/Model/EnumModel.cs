using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Model;

/// <summary>An enum.</summary>
/// <param name="CName">What it is in C: <c>enum reason</c>, or where it stands when it has no name.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Underlying">The C# type of the same size and sign.</param>
/// <param name="Constants">Its constants in C's order.</param>
internal sealed record EnumModel(string CName, string Name, string Underlying, EquatableArray<EnumConstantModel> Constants)
{
    /// <summary>What the carrier calls it.</summary>
    public string Key { get; init; } = "";

    /// <summary>Where it is declared, and its comment; null when that is not known.</summary>
    public SourceNote? Note { get; init; }
}

/// <summary>A constant of an enum.</summary>
/// <param name="CName">Its name in C.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Value">Its value as a literal.</param>
internal sealed record EnumConstantModel(string CName, string Name, string Value)
{
    /// <summary>Where it is declared, and its comment; null when that is not known.</summary>
    public SourceNote? Note { get; init; }
}
