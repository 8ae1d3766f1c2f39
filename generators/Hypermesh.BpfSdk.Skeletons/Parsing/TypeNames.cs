using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>
/// Finds the structs, unions and enums that are reachable by value and gives each its C# name. Types with a name in C come first, then types without one, then
/// arrays, so that a C type never loses its name to a type that has no name in C.
/// </summary>
internal sealed class TypeNames(BtfTypes types, NameScope scope)
{
    // A type without a name is visited at each place that uses it: unions of two unions, 64 levels deep, would be 2^64 visits. The limit counts the letters of the paths to the members.
    private const long LeastBudget = 4 << 20;
    private const int BudgetPerByte = 64;

    private readonly HashSet<int> _seen = [];
    private readonly List<Found> _found = [];
    private readonly Dictionary<int, NamedType> _named = [];
    private long _left = LeastBudget + ((types.Types.Length + (long)types.Strings.Length) * BudgetPerByte);

    /// <summary>The types, in the order in which they were found.</summary>
    public IReadOnlyList<NamedType> All { get; private set; } = [];

    /// <summary>A type that was found.</summary>
    public NamedType this[int id] => _named[id];

    /// <summary>Adds a type and all types that it contains by value.</summary>
    /// <param name="id">The type.</param>
    /// <param name="path">Its place in C, which names a type without a name.</param>
    /// <exception cref="BpfObjectFormatException">The type contains itself.</exception>
    public void Add(int id, string path) => Add(id, path, path, 0);

    /// <summary>Names all types that were found.</summary>
    public void NameAll()
    {
        scope.Foresee(_found.Select(static found => found.Own).Where(static own => own.Length > 0));
        foreach (Found found in _found.OrderBy(static found => found.Own.Length == 0))
        {
            _named.Add(found.Id, Name(found));
        }

        All = [.. _found.Select(found => _named[found.Id])];
    }

    private void Add(int id, string path, string key, int depth)
    {
        Spend(id, path.Length + key.Length);
        string alias = "";
        BtfType type = types[id];
        for (int step = 0; type.IsModifier && step < TypeNesting.MaximumDepth; step++)
        {
            alias = type.Kind == BtfKind.Typedef ? type.Name : alias;
            type = types[type.TypeId];
        }

        if (type.Kind == BtfKind.Array)
        {
            CheckDepth(type.Id, depth);
            Add(type.Array.ElementTypeId, path, key, depth + 1);
        }
        else if ((type.IsComposite || type.IsEnum) && _seen.Add(type.Id))
        {
            string own = type.Name.Length > 0 ? type.Name : alias;
            string ownKey = own.Length > 0 ? $"{CTypeNames.Keyword(type.Kind)} {own}" : key;
            _found.Add(new Found(type.Id, own, path, ownKey));
            if (!KernelOwned.IsStruct(type))
            {
                AddMembers(type, own.Length > 0 ? own : path, ownKey, depth);
            }
        }
    }

    private void AddMembers(BtfType type, string path, string key, int depth)
    {
        CheckDepth(type.Id, depth);
        Spend(type.Id, 0);
        for (int i = 0; type.IsComposite && i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            if (TypeNesting.IsTransparent(types, member))
            {
                AddMembers(types[types.SkipModifiers(member.TypeId)], path, key, depth + 1);
            }
            else
            {
                string name = types.GetString(member.NameOffset);
                Add(member.TypeId, $"{path}.{name}", $"{key}.{name}", depth + 1);
            }
        }
    }

    private NamedType Name(Found found)
    {
        BtfType type = types[found.Id];
        string kind = CTypeNames.Keyword(type.Kind);
        if (found.Own.Length == 0)
        {
            string place = $"{kind} in {found.Path}";
            return new NamedType(type.Id, place, scope.ClaimFree(CSharpNames.ToPascalCase(found.Path), kind, found.Path), found.Key, IsEmitted: true);
        }

        bool isFree = scope.TryClaim(kind, found.Own, out string name);
        return new NamedType(type.Id, type.Name.Length > 0 ? $"{kind} {found.Own}" : found.Own, name, found.Key, isFree);
    }

    private void CheckDepth(int id, int depth)
    {
        if (depth > TypeNesting.MaximumDepth)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"type {id} is nested more than {TypeNesting.MaximumDepth} deep");
        }
    }

    private void Spend(int id, int letters)
    {
        const int Step = 16;
        _left -= Step + letters;
        if (_left < 0)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"type {id} and the types around it contain each other too often: written out, they are many times as long as the object");
        }
    }

    private sealed record Found(int Id, string Own, string Path, string Key);
}
