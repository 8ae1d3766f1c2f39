using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Tasks.Layouts;

/// <summary>Reads the offsets of struct fields from a compiled assembly. The assembly is read, not loaded.</summary>
internal sealed class CompiledLayouts : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly Dictionary<string, TypeDefinitionHandle> _types = new(StringComparer.Ordinal);
    private readonly FieldSizes _sizes;

    /// <exception cref="BadImageFormatException">The file is not an assembly.</exception>
    public CompiledLayouts(Stream assembly)
    {
        _file = new PEReader(assembly);
        _metadata = _file.GetMetadataReader();
        _sizes = new FieldSizes(_metadata);
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
        {
            _types[NameOf(handle)] = handle;
        }
    }

    /// <summary>Reads the layout of a struct or enum.</summary>
    /// <param name="name">Its name with its namespace; a nested type's after a plus sign.</param>
    /// <returns>Its size and its fields; null when there is none with that name.</returns>
    public StructLayout? Find(string name)
    {
        if (!_types.TryGetValue(name, out TypeDefinitionHandle handle))
        {
            return null;
        }

        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        IEnumerable<FieldLayout> fields = type.GetFields()
            .Select(_metadata.GetFieldDefinition)
            .Where(static field => (field.Attributes & FieldAttributes.Static) == 0)
            .Select(field => new FieldLayout(_metadata.GetString(field.Name), Math.Max(field.GetOffset(), 0), _sizes.Of(field)));
        return new StructLayout(name, _sizes.Of(handle), new Skeletons.Helpers.EquatableArray<FieldLayout>(fields));
    }

    public void Dispose() => _file.Dispose();

    private string NameOf(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        string name = _metadata.GetString(type.Name);
        if (!type.GetDeclaringType().IsNil)
        {
            return $"{NameOf(type.GetDeclaringType())}+{name}";
        }

        return type.Namespace.IsNil ? name : $"{_metadata.GetString(type.Namespace)}.{name}";
    }
}
