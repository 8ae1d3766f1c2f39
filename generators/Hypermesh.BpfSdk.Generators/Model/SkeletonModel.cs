using Hypermesh.BpfSdk.Generators.Helpers;

namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>All that is emitted for one source, as values: two models are equal exactly when their code is.</summary>
/// <param name="Source">The C file, relative to the project.</param>
/// <param name="Namespace">The class's namespace; empty for the global one.</param>
/// <param name="ClassName">The class.</param>
/// <param name="Accessibility"><c>public</c> or <c>internal</c>.</param>
/// <param name="Resource">The embedded resource with the object.</param>
/// <param name="ObjectName">The object's name in messages and logs.</param>
/// <param name="Maps">The maps a user sees.</param>
/// <param name="Programs">The programs.</param>
/// <param name="Globals">The variables a user sees.</param>
/// <param name="StructOps">The operations tables.</param>
/// <param name="Structs">Structs and unions that are reachable from maps and globals.</param>
/// <param name="Enums">The enums that are.</param>
/// <param name="Arrays">The arrays in them, one for each element type and length.</param>
/// <param name="Texts">The <c>char[N]</c> in them, one for each length.</param>
internal sealed record SkeletonModel(
    string Source,
    string Namespace,
    string ClassName,
    string Accessibility,
    string Resource,
    string ObjectName,
    EquatableArray<MapModel> Maps,
    EquatableArray<ProgramModel> Programs,
    EquatableArray<GlobalModel> Globals,
    EquatableArray<StructOpsModel> StructOps,
    EquatableArray<StructModel> Structs,
    EquatableArray<EnumModel> Enums,
    EquatableArray<ArrayModel> Arrays,
    EquatableArray<TextModel> Texts)
{
    /// <summary>The C file itself; null when nothing is known of places in it.</summary>
    public SourceNote? Note { get; init; }

    /// <summary>The class as generated code writes it: whatever else has the name, this is meant.</summary>
    public string TypeReference => "global::" + FullName;

    /// <summary>The generated file. The compiler takes no @ in its name.</summary>
    public string FileName => FullName.Replace("@", "") + ".g.cs";

    /// <summary>The class with its namespace, as a user writes it.</summary>
    public string FullName => Namespace.Length == 0 ? ClassName : $"{Namespace}.{ClassName}";
}
