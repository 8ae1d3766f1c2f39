using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Creates the models of the struct_ops maps: the values of their members, and their programs. Members that the kernel sets (pointers, lists) are left out.</summary>
internal sealed class StructOpsParser(BtfTypes types, TypeResolver resolver, Findings findings)
{
    private const string Place = "the struct_ops maps";

    /// <summary>Returns true for a member with a value that a user can set: a number, a flag, an enum, a text, or an array of these.</summary>
    public static bool IsValue(BtfTypes types, BpfStructOpsMember member)
    {
        BtfType type = types[types.SkipModifiers(member.Field.TypeId)];
        for (int step = 0; type.Kind == BtfKind.Array && step < TypeNesting.MaximumDepth; step++)
        {
            type = types[types.SkipModifiers(type.Array.ElementTypeId)];
        }

        return member.Field.BitfieldSize == 0 && member.Size > 0 && type.Kind is BtfKind.Int or BtfKind.Float or BtfKind.Enum or BtfKind.Enum64;
    }

    public List<StructOpsModel> Parse(IReadOnlyList<BpfStructOpsSpec> maps)
    {
        var scope = new NameScope(Place, "Map", ReservedNames.OfObject.Append("StructOpsSet"), findings);
        var named = new List<(BpfStructOpsSpec Map, string Name)>();
        foreach (BpfStructOpsSpec map in maps)
        {
            if (scope.TryClaim("struct_ops map", map.Name, out string name))
            {
                named.Add((map, name));
            }
        }

        // The classes come after all the names of the C.
        return [.. named.Select(entry => Parse(entry.Map, entry.Name, scope.ClaimFree(entry.Name + "Map", "the class of", entry.Map.Name)))];
    }

    private StructOpsModel Parse(BpfStructOpsSpec map, string name, string className)
    {
        IEnumerable<string> reserved = ReservedNames.OfObject.Concat(ReservedNames.OfStructOpsMap).Append(className);
        var scope = new NameScope($"struct_ops map {map.Name}", "Field", reserved, findings, $"struct {map.TypeName}.");
        var fields = new List<StructOpsFieldModel>();
        foreach (BpfStructOpsMember member in map.Members)
        {
            bool isValue = IsValue(types, member);
            if ((!isValue && !member.IsFunction) || !TryResolve(map, member, isValue, out ValueShape shape) || !scope.TryClaim("field", member.Name, out string field))
            {
                continue;
            }

            string declaration = CTypeNames.Declare(types, member.Field.TypeId, member.Name, 0);
            fields.Add(new StructOpsFieldModel(member.Name, field, isValue ? shape.Type : null, shape.Kind == ValueKind.Boolean, declaration));
        }

        return new StructOpsModel(map.Name, map.TypeName, name, className, fields.ToEquatableArray());
    }

    private bool TryResolve(BpfStructOpsSpec map, BpfStructOpsMember member, bool isValue, out ValueShape shape)
    {
        shape = default;
        try
        {
            shape = isValue ? resolver.Resolve(member.Field.TypeId) : default;
            return true;
        }
        catch (UnsupportedTypeException exception)
        {
            findings.Add(DiagnosticIds.UnsupportedType, $"struct {map.TypeName}.{member.Name}", 0, "field", $"{map.Name}.{member.Name}", exception.Message);
            return false;
        }
    }
}
