using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Hypermesh.Bpf.Tests.Unit.Dependencies;

/// <summary>
/// Which folders of a project use which, read from the compiled assembly: the types that signatures, fields, attributes and instructions name, and the source file of each
/// type as its debug information says. A constant is a value once it is compiled, so the use of a constant alone is not seen.
/// </summary>
internal sealed class FolderGraph
{
    // What the compiler writes for a type that has no code: the numbers of its documents.
    private static readonly Guid s_typeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private static readonly Dictionary<short, OperandType> s_operands = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!).ToDictionary(static code => code.Value, static code => code.OperandType);

    private readonly string _project;
    private readonly string[] _others;
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly MetadataReader _symbols;
    private readonly List<OuterType> _types = [];
    private readonly Dictionary<TypeDefinitionHandle, string> _folders = [];
    private readonly Dictionary<TypeDefinitionHandle, string> _otherProjects = [];
    private readonly SortedDictionary<(string From, string To), SortedSet<string>> _arrows = [];
    private readonly SortedDictionary<string, SortedSet<string>> _linked = new(StringComparer.Ordinal);

    private FolderGraph(PEReader file, MetadataReader symbols, string project, IEnumerable<string> projects)
    {
        _file = file;
        _metadata = file.GetMetadataReader();
        _symbols = symbols;
        _project = project;
        _others = [.. projects.Where(other => other != project)];
    }

    /// <summary>The arrows between two folders, each with the types that make it, as <c>User → Used</c>.</summary>
    public IReadOnlyDictionary<(string From, string To), SortedSet<string>> Arrows => _arrows;

    /// <summary>The arrows to sources of other projects that are compiled into the same assembly: by that project's folder, the types that make them.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Linked => _linked;

    /// <summary>The types that lie in no other, as <c>File: Name</c>.</summary>
    public IEnumerable<string> OuterTypes => _types.Select(static type => $"{type.File}: {type.Name}").Order(StringComparer.Ordinal);

    /// <summary>The folders that have a type; "." is the project's own.</summary>
    public IEnumerable<string> Folders => _folders.Values.Distinct().Order(StringComparer.Ordinal);

    /// <summary>Reads an assembly.</summary>
    /// <param name="assembly">Its path; its debug information is inside.</param>
    /// <param name="project">The folder of its sources, such as <c>src/Hypermesh.Bpf</c>: what was compiled from elsewhere is left out.</param>
    /// <param name="projects">The folders of all projects, whose sources may be in the assembly too.</param>
    public static FolderGraph Read(string assembly, string project, IEnumerable<string> projects)
    {
        using PEReader file = new(File.OpenRead(assembly));
        DebugDirectoryEntry entry = file.ReadDebugDirectory().Single(static entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using MetadataReaderProvider symbols = file.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
        FolderGraph graph = new(file, symbols.GetMetadataReader(), project, projects);
        graph.FindFolders();
        graph.FindArrows();
        return graph;
    }

    /// <summary>Returns the circles: the folders that reach each other, each circle once.</summary>
    public IReadOnlyList<string[]> Circles()
    {
        Dictionary<string, HashSet<string>> reached = Folders.ToDictionary(static folder => folder, Reached);
        return [.. reached.Keys.Where(folder => reached[folder].Contains(folder))
            .GroupBy(folder => string.Join(' ', reached[folder].Where(other => reached[other].Contains(folder)).Order(StringComparer.Ordinal)))
            .Select(static circle => circle.Order(StringComparer.Ordinal).ToArray())];
    }

    /// <summary>
    /// Returns the internal types that do not have the namespace of their folder. A file has one namespace: of its public types where it has any, else the folder's. Names that
    /// the runtime or the compiler looks for keep theirs.
    /// </summary>
    /// <param name="root">The project's namespace.</param>
    public IReadOnlyList<string> InForeignNamespaces(string root)
    {
        OuterType[] own = [.. _types.Where(static type => type.Namespace.StartsWith("Hypermesh", StringComparison.Ordinal))];
        HashSet<string> ofPublicTypes = [.. own.Where(static type => type.IsPublic).Select(static type => type.File)];
        return [.. own.Where(type => !ofPublicTypes.Contains(type.File))
            .Where(type => type.Namespace != (FolderOf(type.File) is "." ? root : $"{root}.{FolderOf(type.File).Replace('/', '.')}"))
            .Select(static type => $"{type.File}: {type.Namespace}.{type.Name}")];
    }

    private HashSet<string> Reached(string start)
    {
        HashSet<string> reached = [];
        Queue<string> ahead = new([start]);
        while (ahead.TryDequeue(out string? folder))
        {
            foreach ((string from, string to) in _arrows.Keys)
            {
                if (from == folder && reached.Add(to))
                {
                    ahead.Enqueue(to);
                }
            }
        }

        return reached;
    }

    private void FindFolders()
    {
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
        {
            // A nested type comes after the one it lies in.
            TypeDefinition type = _metadata.GetTypeDefinition(handle);
            string? file = DocumentsOf(handle, type).Select(FileOf).FirstOrDefault(static file => file is not null);
            if (file is null && OtherProjectOf(handle, type) is { } other)
            {
                _otherProjects[handle] = other;
            }

            string? folder = file is not null ? FolderOf(file) : type.IsNested ? _folders.GetValueOrDefault(type.GetDeclaringType()) : null;
            if (folder is not null)
            {
                _folders[handle] = folder;
            }

            if (file is not null && !type.IsNested)
            {
                _types.Add(new OuterType(
                    file, _metadata.GetString(type.Namespace), _metadata.GetString(type.Name), (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public));
            }
        }
    }

    private IEnumerable<DocumentHandle> DocumentsOf(TypeDefinitionHandle handle, TypeDefinition type)
    {
        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            foreach (DocumentHandle document in DocumentsOf(method))
            {
                yield return document;
            }
        }

        foreach (CustomDebugInformationHandle one in _symbols.GetCustomDebugInformation(handle))
        {
            CustomDebugInformation information = _symbols.GetCustomDebugInformation(one);
            if (_symbols.GetGuid(information.Kind) == s_typeDocuments)
            {
                BlobReader numbers = _symbols.GetBlobReader(information.Value);
                while (numbers.RemainingBytes > 0)
                {
                    yield return MetadataTokens.DocumentHandle(numbers.ReadCompressedInteger());
                }
            }
        }
    }

    private IEnumerable<DocumentHandle> DocumentsOf(MethodDefinitionHandle method)
    {
        MethodDebugInformation information = _symbols.GetMethodDebugInformation(method.ToDebugInformationHandle());
        return information.SequencePointsBlob.IsNil ? [] : information.GetSequencePoints().Select(static point => point.Document).Where(static document => !document.IsNil);
    }

    // What the compiler asks of newer frameworks is in every assembly and belongs to none.
    private string? OtherProjectOf(TypeDefinitionHandle handle, TypeDefinition type)
        => type.IsNested ? _otherProjects.GetValueOrDefault(type.GetDeclaringType())
            : !_metadata.GetString(type.Namespace).StartsWith("Hypermesh", StringComparison.Ordinal) ? null
            : DocumentsOf(handle, type).Select(PathOf).SelectMany(path => _others.Where(other => path.Contains($"/{other}/", StringComparison.Ordinal))).FirstOrDefault();

    private string PathOf(DocumentHandle document) => _symbols.GetString(_symbols.GetDocument(document).Name).Replace('\\', '/');

    private string? FileOf(DocumentHandle document)
    {
        string path = PathOf(document);
        int at = path.IndexOf($"/{_project}/", StringComparison.Ordinal);
        string inside = at < 0 ? "obj/" : path[(at + _project.Length + 2)..];
        return inside.StartsWith("obj/", StringComparison.Ordinal) ? null : inside;
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(file) is { Length: > 0 } folder ? folder : ".";

    private void FindArrows()
    {
        foreach (TypeDefinitionHandle handle in _folders.Keys)
        {
            TypeDefinition type = _metadata.GetTypeDefinition(handle);
            string own = _folders[handle];
            Use(handle, own, [.. Named(type.BaseType), .. Named(type.GetCustomAttributes()), .. type.GetGenericParameters().SelectMany(one => Named(one))]);
            foreach (InterfaceImplementationHandle one in type.GetInterfaceImplementations())
            {
                Use(handle, own, Named(_metadata.GetInterfaceImplementation(one).Interface));
            }

            foreach (FieldDefinitionHandle one in type.GetFields())
            {
                FieldDefinition field = _metadata.GetFieldDefinition(one);
                Use(handle, own, [.. field.DecodeSignature(SignatureTypes.Instance, null), .. Named(field.GetCustomAttributes())]);
            }

            foreach (MethodDefinitionHandle one in type.GetMethods())
            {
                // A part of the type may lie in another folder.
                MethodDefinition method = _metadata.GetMethodDefinition(one);
                string folder = DocumentsOf(one).Select(FileOf).FirstOrDefault(static file => file is not null) is { } file ? FolderOf(file) : own;
                Use(handle, folder, [.. Types(method.DecodeSignature(SignatureTypes.Instance, null)), .. Named(method.GetCustomAttributes()), .. method.GetGenericParameters().SelectMany(one => Named(one))]);
                if (method.RelativeVirtualAddress != 0)
                {
                    MethodBodyBlock body = _file.GetMethodBody(method.RelativeVirtualAddress);
                    Use(handle, folder, [.. Named(body.LocalSignature), .. body.ExceptionRegions.SelectMany(region => Named(region.CatchType)), .. Instructions(body.GetILReader())]);
                }
            }
        }
    }

    private void Use(TypeDefinitionHandle user, string folder, ImmutableArray<TypeDefinitionHandle> used)
    {
        foreach (TypeDefinitionHandle one in used)
        {
            if (_folders.TryGetValue(one, out string? other) && other != folder)
            {
                if (!_arrows.TryGetValue((folder, other), out SortedSet<string>? types))
                {
                    _arrows[(folder, other)] = types = new(StringComparer.Ordinal);
                }

                types.Add($"{NameOf(user)} → {NameOf(one)}");
            }
            else if (_otherProjects.TryGetValue(one, out string? project))
            {
                if (!_linked.TryGetValue(project, out SortedSet<string>? types))
                {
                    _linked[project] = types = new(StringComparer.Ordinal);
                }

                types.Add($"{NameOf(user)} → {NameOf(one)}");
            }
        }
    }

    // Closures and state machines go by the name of the type they were written in.
    private string NameOf(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        return type.IsNested ? NameOf(type.GetDeclaringType()) : _metadata.GetString(type.Name);
    }

    private List<TypeDefinitionHandle> Instructions(BlobReader code)
    {
        List<TypeDefinitionHandle> used = [];
        while (code.RemainingBytes > 0)
        {
            short value = code.ReadByte();
            value = value == 0xFE ? (short)(0xFE00 | code.ReadByte()) : value;
            switch (s_operands[value])
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType or OperandType.InlineSig:
                    used.AddRange(Named(MetadataTokens.EntityHandle(code.ReadInt32())));
                    break;
                case OperandType.InlineSwitch:
                    int targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                case OperandType operand:
                    code.Offset += operand switch
                    {
                        OperandType.InlineNone => 0,
                        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                        OperandType.InlineVar => 2,
                        OperandType.InlineI8 or OperandType.InlineR => 8,
                        _ => 4,
                    };
                    break;
            }
        }

        return used;
    }

    private ImmutableArray<TypeDefinitionHandle> Named(CustomAttributeHandleCollection attributes)
        => [.. attributes.SelectMany(one => Named(_metadata.GetCustomAttribute(one).Constructor))];

    private ImmutableArray<TypeDefinitionHandle> Named(GenericParameterHandle parameter)
        => [.. _metadata.GetGenericParameter(parameter).GetConstraints().SelectMany(one => Named(_metadata.GetGenericParameterConstraint(one).Type))];

    private ImmutableArray<TypeDefinitionHandle> Named(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return [];
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                return [(TypeDefinitionHandle)handle];
            case HandleKind.TypeSpecification:
                return _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(SignatureTypes.Instance, null);
            case HandleKind.FieldDefinition:
                return [_metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType()];
            case HandleKind.MethodDefinition:
                return [_metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType()];
            case HandleKind.MemberReference:
                MemberReference member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                return
                [
                    .. Named(member.Parent),
                    .. member.GetKind() == MemberReferenceKind.Field ? member.DecodeFieldSignature(SignatureTypes.Instance, null) : Types(member.DecodeMethodSignature(SignatureTypes.Instance, null)),
                ];
            case HandleKind.MethodSpecification:
                MethodSpecification method = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                return [.. Named(method.Method), .. method.DecodeSignature(SignatureTypes.Instance, null).SelectMany(static types => types)];
            case HandleKind.StandaloneSignature:
                StandaloneSignature signature = _metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle);
                return signature.GetKind() == StandaloneSignatureKind.Method
                    ? Types(signature.DecodeMethodSignature(SignatureTypes.Instance, null))
                    : [.. signature.DecodeLocalSignature(SignatureTypes.Instance, null).SelectMany(static types => types)];
            default:
                return [];
        }
    }

    private static ImmutableArray<TypeDefinitionHandle> Types(MethodSignature<ImmutableArray<TypeDefinitionHandle>> signature)
        => [.. signature.ReturnType, .. signature.ParameterTypes.SelectMany(static types => types)];

    /// <summary>A type that lies in no other.</summary>
    private sealed record OuterType(string File, string Namespace, string Name, bool IsPublic);

    /// <summary>The types of this assembly that a signature names.</summary>
    private sealed class SignatureTypes : ISignatureTypeProvider<ImmutableArray<TypeDefinitionHandle>, object?>
    {
        public static SignatureTypes Instance { get; } = new();

        public ImmutableArray<TypeDefinitionHandle> GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => [handle];

        public ImmutableArray<TypeDefinitionHandle> GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => [];

        public ImmutableArray<TypeDefinitionHandle> GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
            => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public ImmutableArray<TypeDefinitionHandle> GetPrimitiveType(PrimitiveTypeCode typeCode) => [];

        public ImmutableArray<TypeDefinitionHandle> GetGenericMethodParameter(object? genericContext, int index) => [];

        public ImmutableArray<TypeDefinitionHandle> GetGenericTypeParameter(object? genericContext, int index) => [];

        public ImmutableArray<TypeDefinitionHandle> GetArrayType(ImmutableArray<TypeDefinitionHandle> elementType, ArrayShape shape) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetByReferenceType(ImmutableArray<TypeDefinitionHandle> elementType) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetPinnedType(ImmutableArray<TypeDefinitionHandle> elementType) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetPointerType(ImmutableArray<TypeDefinitionHandle> elementType) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetSZArrayType(ImmutableArray<TypeDefinitionHandle> elementType) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetModifiedType(
            ImmutableArray<TypeDefinitionHandle> modifier, ImmutableArray<TypeDefinitionHandle> unmodifiedType, bool isRequired) => [.. modifier, .. unmodifiedType];

        public ImmutableArray<TypeDefinitionHandle> GetFunctionPointerType(MethodSignature<ImmutableArray<TypeDefinitionHandle>> signature) => Types(signature);

        public ImmutableArray<TypeDefinitionHandle> GetGenericInstantiation(
            ImmutableArray<TypeDefinitionHandle> genericType, ImmutableArray<ImmutableArray<TypeDefinitionHandle>> typeArguments)
            => [.. genericType, .. typeArguments.SelectMany(static types => types)];
    }
}
