using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Generators.Naming;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>
/// Finds the structs, unions and enums that are reachable by value and gives each its C# name. All of them are named before
/// any array is, so that a C type never loses its name to something C has no name for.
/// </summary>
internal sealed class TypeNames(BtfTypes types, NameScope scope)
{
    /// <summary>Deeper than any C; a damaged object that nests without end is stopped here.</summary>
    public const int MaximumDepth = 64;

    private readonly Dictionary<int, NamedType> _named = [];
    private readonly List<NamedType> _order = [];

    /// <summary>The types found, in the order in which they were.</summary>
    public IReadOnlyList<NamedType> All => _order;

    /// <summary>A type that was found.</summary>
    public NamedType this[int id] => _named[id];

    /// <summary>Takes in a type and all it holds by value.</summary>
    /// <param name="id">The type.</param>
    /// <param name="path">Where it stands, in C's words: what has no name itself is called after its place.</param>
    /// <exception cref="BpfObjectFormatException">The type holds itself.</exception>
    public void Add(int id, string path) => Add(id, path, 0);

    /// <summary>True for a member without a name whose own members belong to the struct around it.</summary>
    public static bool IsTransparent(BtfTypes types, BtfMember member)
        => member.NameOffset == 0 && types[types.SkipModifiers(member.TypeId)].IsComposite;

    private void Add(int id, string path, int depth)
    {
        string alias = "";
        BtfType type = types[id];
        for (int step = 0; type.IsModifier && step < MaximumDepth; step++)
        {
            alias = type.Kind == BtfKind.Typedef ? type.Name : alias;
            type = types[type.TypeId];
        }

        if (type.Kind == BtfKind.Array)
        {
            CheckDepth(type.Id, depth);
            Add(type.Array.ElementTypeId, path, depth + 1);
        }
        else if ((type.IsComposite || type.IsEnum) && !_named.ContainsKey(type.Id))
        {
            string own = type.Name.Length > 0 ? type.Name : alias;
            Name(type, own, path);
            if (!KernelOwned.IsStruct(type))
            {
                AddMembers(type, own.Length > 0 ? own : path, depth);
            }
        }
    }

    private void AddMembers(BtfType type, string path, int depth)
    {
        CheckDepth(type.Id, depth);
        for (int i = 0; type.IsComposite && i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            if (IsTransparent(types, member))
            {
                AddMembers(types[types.SkipModifiers(member.TypeId)], path, depth + 1);
            }
            else
            {
                Add(member.TypeId, $"{path}.{types.GetString(member.NameOffset)}", depth + 1);
            }
        }
    }

    private void Name(BtfType type, string own, string path)
    {
        string kind = CTypeNames.Keyword(type.Kind);
        string shown = own.Length > 0 ? $"{kind} {own}" : $"{kind} in {path}";
        bool isFree = scope.TryClaim(kind, own.Length > 0 ? own : path, out string name);
        var named = new NamedType(type.Id, type.Name.Length > 0 || own.Length == 0 ? shown : own, name, isFree);
        _named.Add(type.Id, named);
        _order.Add(named);
    }

    private void CheckDepth(int id, int depth)
    {
        if (depth > MaximumDepth)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"type {id} is nested more than {MaximumDepth} deep");
        }
    }
}
