using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Model;
using Hypermesh.BpfSdk.Generators.Naming;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>Makes the models of an object's global variables.</summary>
internal sealed class GlobalParser(BtfTypes types, TypeResolver resolver, Findings findings)
{
    // Our headers' own variables; the loader fills them.
    private const string OwnPrefix = "hm_";

    public static bool IsShown(GlobalVariable variable)
        => !variable.IsStatic && !variable.Name.StartsWith(OwnPrefix, StringComparison.Ordinal);

    public List<GlobalModel> Parse(IReadOnlyList<DataSectionSpec> sections)
    {
        var scope = new NameScope("the globals", "Variable", ReservedNames.OfObject.Append("GlobalSet"), findings);
        var models = new List<GlobalModel>();
        foreach (DataSectionSpec section in sections)
        {
            foreach (GlobalVariable variable in section.Variables.Where(IsShown))
            {
                Add(models, scope, section, variable);
            }
        }

        return models;
    }

    private void Add(List<GlobalModel> models, NameScope scope, DataSectionSpec section, GlobalVariable variable)
    {
        if (resolver.IsEmptyArray(variable.TypeId))
        {
            return;
        }

        try
        {
            ValueShape shape = resolver.Resolve(variable.TypeId);
            if (scope.TryClaim("variable", variable.Name, out string name))
            {
                models.Add(new GlobalModel(
                    name,
                    section.Name,
                    variable.Offset,
                    shape.Type,
                    shape.Kind == ValueKind.Boolean,
                    section.IsReadOnly,
                    CTypeNames.Declare(types, variable.TypeId, variable.Name, 0)) { CName = variable.Name });
            }
        }
        catch (UnsupportedTypeException exception)
        {
            findings.Add(DiagnosticIds.UnsupportedType, variable.Name, 0, "variable", variable.Name, exception.Message);
        }
    }
}
