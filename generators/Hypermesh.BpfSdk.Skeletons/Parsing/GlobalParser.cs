using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Creates the models of an object's global variables, and of the options of the kernel's configuration that it reads.</summary>
internal sealed class GlobalParser(BtfTypes types, TypeResolver resolver, Findings findings)
{
    // In these sections the compiler or the load decides which variable is the last; in other sections the C decides.
    private static readonly HashSet<string> s_common = new(StringComparer.Ordinal) { ".bss", ".data", ".kconfig", ".rodata" };

    private readonly List<GlobalModel> _models = [];
    private readonly NameScope _scope = new("the globals", "Variable", ReservedNames.OfObject.Append("GlobalSet"), findings);

    public List<GlobalModel> Parse(BpfObjectSpec spec)
    {
        foreach (BpfDataSectionSpec section in ShownGlobals.SectionsOf(spec))
        {
            GlobalOrigin origin = section == spec.KernelConfig ? GlobalOrigin.KernelConfig : section.IsReadOnly ? GlobalOrigin.Constant : GlobalOrigin.Variable;
            foreach (BpfGlobalVariable variable in section.Variables.Where(variable => ShownGlobals.IsShown(variable) && !resolver.IsEmpty(variable.TypeId) && !KernelOwned.Is(types, variable.TypeId)))
            {
                Add(section, variable, origin);
            }
        }

        return _models;
    }

    private void Add(BpfDataSectionSpec section, BpfGlobalVariable variable, GlobalOrigin origin)
    {
        try
        {
            (GlobalKind kind, string type, int length) = View(section, variable) ?? Value(variable);
            if (!_scope.TryClaim("variable", variable.Name, out string name))
            {
                return;
            }

            string declaration = CTypeNames.Declare(types, variable.TypeId, variable.Name, 0);
            _models.Add(new GlobalModel(variable.Name, name, section.Name, kind, type, length, origin, declaration));
            if (kind == GlobalKind.BigEndian)
            {
                _scope.TryClaimAs(name + FieldModel.HostOrderSuffix, "host order of", variable.Name, out _);
            }
        }
        catch (UnsupportedTypeException exception)
        {
            findings.Add(DiagnosticIds.UnsupportedType, variable.Name, 0, "variable", variable.Name, exception.Message);
        }
    }

    private (GlobalKind, string, int) Value(BpfGlobalVariable variable)
    {
        ValueShape shape = resolver.Resolve(variable.TypeId);
        GlobalKind kind = shape.Kind switch
        {
            ValueKind.Boolean => GlobalKind.Boolean,
            ValueKind.BigEndian => GlobalKind.BigEndian,
            _ => GlobalKind.Value,
        };
        return (kind, shape.Type, 0);
    }

    // An array is a view where its length can be changed before the load, and where it is too large for a value.
    private (GlobalKind, string, int)? View(BpfDataSectionSpec section, BpfGlobalVariable variable)
    {
        BtfType array = types[types.SkipModifiers(variable.TypeId)];
        if (array.Kind != BtfKind.Array)
        {
            return null;
        }

        bool isResizable = !s_common.Contains(section.Name) && variable == section.Variables[section.Variables.Count - 1];
        if (!isResizable && types.SizeOf(array.Id) <= TypeResolver.LargestArray)
        {
            return null;
        }

        ValueShape element = resolver.Resolve(array.Array.ElementTypeId);
        return (GlobalKind.Array, element.Type, isResizable ? 0 : (int)array.Array.Count);
    }
}
