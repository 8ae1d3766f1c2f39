using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Model;

/// <summary>A struct_ops map.</summary>
/// <param name="CName">Its variable's name in C, by which it is looked up.</param>
/// <param name="CType">Its struct's name in C.</param>
/// <param name="Name">Its property.</param>
/// <param name="ClassName">The class of its spec.</param>
/// <param name="Fields">What can be set before it is loaded.</param>
internal sealed record StructOpsModel(string CName, string CType, string Name, string ClassName, EquatableArray<StructOpsFieldModel> Fields);

/// <summary>A member of a struct_ops map.</summary>
/// <param name="CName">Its name in C, by which it is looked up.</param>
/// <param name="Name">Its property.</param>
/// <param name="Type">The C# type of its value; null for a function, which is a program.</param>
/// <param name="IsBoolean">True when the property is <c>bool</c> over a byte.</param>
/// <param name="Declaration">Type and name in C.</param>
internal sealed record StructOpsFieldModel(string CName, string Name, string? Type, bool IsBoolean, string Declaration);
