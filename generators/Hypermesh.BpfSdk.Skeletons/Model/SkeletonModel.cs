using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Model;

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
/// <param name="StructOps">The struct_ops maps.</param>
/// <param name="Structs">Structs and unions that are reachable from maps and globals.</param>
/// <param name="Enums">Enums that are reachable from maps and globals.</param>
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
    /// <summary>The place of the C file itself; null when places in it are not known.</summary>
    public SourceNote? Note { get; init; }

    /// <summary>The class as generated code writes it, fully qualified.</summary>
    public string TypeReference => "global::" + FullName;

    /// <summary>The name of the generated file. The compiler does not accept @ in it.</summary>
    public string FileName => FullName.Replace("@", "") + ".g.cs";

    /// <summary>The class with its namespace, as a user writes it.</summary>
    public string FullName => Namespace.Length == 0 ? ClassName : $"{Namespace}.{ClassName}";
}

/// <summary>A map.</summary>
/// <param name="CName">Its name in C, by which it is looked up.</param>
/// <param name="Name">Its property.</param>
/// <param name="Type">The C# type of the live map.</param>
/// <param name="Description">Kind, key and value in C's words.</param>
/// <param name="DropCounter">The map that counts a ring buffer's failed reservations; null where the C does not count them.</param>
/// <param name="Argument">Another argument of the live map's constructor, as C# writes it; null for none.</param>
internal sealed record MapModel(string CName, string Name, string Type, string Description, string? DropCounter, string? Argument)
{
    /// <summary>The place of its declaration, and its comment; null when they are not known.</summary>
    public SourceNote? Note { get; init; }
}

/// <summary>A program.</summary>
/// <param name="CName">Its function's name, by which it is looked up.</param>
/// <param name="Name">Its property.</param>
/// <param name="Type">The C# type of the live program, which has only the attach methods that are valid for it.</param>
/// <param name="Section">Its section.</param>
/// <param name="Line">Its line in the C file, 0 when unknown.</param>
internal sealed record ProgramModel(string CName, string Name, string Type, string Section, int Line)
{
    /// <summary>The place of its declaration, and its comment; null when they are not known.</summary>
    public SourceNote? Note { get; init; }
}

/// <summary>The place of a declaration in C, and the text of its comment.</summary>
/// <param name="Path">The file, from the folder of the generated code.</param>
/// <param name="Header">The file from the project's folder, when it is a header; else empty.</param>
/// <param name="Line">The line of its name.</param>
/// <param name="Comment">The comment's text; empty without one.</param>
internal sealed record SourceNote(string Path, string Header, int Line, string Comment);
