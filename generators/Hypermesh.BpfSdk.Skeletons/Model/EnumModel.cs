using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Model;

/// <summary>An enum.</summary>
/// <param name="CName">Its name in C: <c>enum reason</c>, or its place when it has no name.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Underlying">The C# type of the same size and sign.</param>
/// <param name="Constants">Its constants in C's order.</param>
internal sealed record EnumModel(string CName, string Name, string Underlying, EquatableArray<EnumConstantModel> Constants)
{
    /// <summary>Its key in the carrier.</summary>
    public string Key { get; init; } = "";

    /// <summary>The place of its declaration, and its comment; null when they are not known.</summary>
    public SourceNote? Note { get; init; }
}

/// <summary>A constant of an enum.</summary>
/// <param name="CName">Its name in C.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Value">Its value as a literal.</param>
internal sealed record EnumConstantModel(string CName, string Name, string Value)
{
    /// <summary>The place of its declaration, and its comment; null when they are not known.</summary>
    public SourceNote? Note { get; init; }
}
