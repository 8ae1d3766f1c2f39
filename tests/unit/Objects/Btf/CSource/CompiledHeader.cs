using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Btf.CSource;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Btf.CSource;

/// <summary>
/// Types, written as C, compiled, and read back from the object: every struct, union and enum must be what it was. Constants and members are compared by name,
/// offset, width and the kind, size and sign of what they are; members without a name by what is in them.
/// </summary>
internal sealed partial class CompiledHeader(BtfTypes types)
{
    private const int DeepestNesting = 64;

    private readonly List<string> _differences = [];
    private readonly HashSet<(int, int)> _compared = [];
    private BtfTypes _compiled = null!;
    private bool _isC23;

    /// <summary>How many structs and unions, and how many enums, are the same.</summary>
    internal (int Composites, int Enums) Same { get; private set; }

    /// <summary>Compiles a header made of the types by a writer, and compares; what differs fails the test.</summary>
    internal void Compare(BtfCWriter writer, string header, string standard = "gnu17")
    {
        _isC23 = standard == "gnu2x";
        var names = new List<(int Id, string Variable)>();
        var text = new StringBuilder(header);
        for (int id = types.FirstId; id < types.Count; id++)
        {
            BtfType type = types[id];
            BtfType meant = types[types.SkipModifiers(id)];
            bool isNamed = type.NameOffset != 0 && (type.IsComposite || (type.IsEnum && type.Length > 0));
            bool isRenamed = type.Kind == BtfKind.Typedef && meant.NameOffset == 0 && (meant.IsComposite || (meant.IsEnum && meant.Length > 0));
            if (isNamed || isRenamed)
            {
                // All of a type is in BTF where a variable points to it, though it may have no size.
                names.Add((id, string.Create(CultureInfo.InvariantCulture, $"hm_{id}")));
                text.Append(CultureInfo.InvariantCulture, $"{writer.NameOf(id)} *hm_{id};\n");
            }
        }

        _compiled = Clang.CompiledTypes(text.ToString(), standard);
        var variables = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 1; id < _compiled.Count; id++)
        {
            if (_compiled[id].Kind == BtfKind.Variable)
            {
                variables[_compiled[id].Name] = _compiled[_compiled[id].TypeId].TypeId;
            }
        }

        foreach ((int id, string variable) in names)
        {
            if (!variables.TryGetValue(variable, out int compiled))
            {
                _differences.Add($"{writer.NameOf(id)} is not in the object");
                continue;
            }

            Type(writer.NameOf(id), id, compiled, 0);
        }

        Assert.True(_differences.Count == 0, string.Join("\n", _differences.Take(20)) + $"\n{_differences.Count} differences");
    }

    private void Type(string path, int ours, int theirs, int depth)
    {
        ours = types.SkipModifiers(ours);
        theirs = _compiled.SkipModifiers(theirs);
        if (depth > DeepestNesting || !_compared.Add((ours, theirs)))
        {
            return;
        }

        BtfType one = types[ours];
        BtfType two = _compiled[theirs];
        if (one.IsEnum && one.Length > 0)
        {
            Enum(path, one, two);
        }
        else if (one.IsComposite)
        {
            Composite(path, one, two, depth);
        }
        else if (one.Kind is BtfKind.Pointer)
        {
            Equal(path, "kind", one.Kind, two.Kind);
        }
        else if (one.Kind is BtfKind.Array)
        {
            Equal(path, "kind", one.Kind, two.Kind);
            if (two.Kind == BtfKind.Array)
            {
                Equal(path, "count", one.Array.Count, two.Array.Count);
                Type(path + "[]", one.Array.ElementTypeId, two.Array.ElementTypeId, depth + 1);
            }
        }
        else if (one.Kind is BtfKind.Int && two.Kind is BtfKind.Int)
        {
            Equal(path, "size", one.Size, two.Size);
            if (one.Name != "char")
            {
                Equal(path, "encoding", one.IntEncoding & BtfIntEncoding.Signed, two.IntEncoding & BtfIntEncoding.Signed);
            }
        }
    }

    private void Enum(string path, BtfType one, BtfType two)
    {
        // An enum without a name has its constants once; elsewhere it is the integer.
        if (one.NameOffset == 0 && two.Kind == BtfKind.Int)
        {
            Equal(path, "size", one.Size, two.Size);
            Equal(path, "sign", one.KindFlag, (two.IntEncoding & BtfIntEncoding.Signed) != 0);
            return;
        }

        if (!two.IsEnum)
        {
            _differences.Add($"{path}: an enum became {two.Kind}");
            return;
        }

        Same = (Same.Composites, Same.Enums + 1);
        Equal(path, "size", one.Size, two.Size);
        Equal(path, "constants", one.Length, two.Length);
        int unused = 64 - (8 * (int)one.Size);

        // Before 6.0 no sign was stated, and what is too large for an unsigned enum is a negative constant.
        bool isSigned = one.KindFlag || Enumerable.Range(0, one.Length).Any(i => one.EnumValue(i).Value << unused >> unused != one.EnumValue(i).Value);
        Equal(path, "sign", isSigned, two.KindFlag);
        for (int i = 0; i < Math.Min(one.Length, two.Length); i++)
        {
            Equal(path, "constant", Plain(types.GetString(one.EnumValue(i).NameOffset)), Plain(_compiled.GetString(two.EnumValue(i).NameOffset)));
            Equal(path, "value", one.EnumValue(i).Value << unused, two.EnumValue(i).Value << unused);
        }
    }

    private void Composite(string path, BtfType one, BtfType two, int depth)
    {
        Equal(path, "kind", one.Kind, two.Kind);
        if (one.Kind != two.Kind)
        {
            return;
        }

        Same = (Same.Composites + 1, Same.Enums);
        Equal(path, "size", one.Size, two.Size);
        List<(string Name, BtfMember Member)> ours = [];
        List<(string Name, BtfMember Member)> theirs = [];
        Flatten(types, one, 0, ours);
        Flatten(_compiled, two, 0, theirs);
        theirs.RemoveAll(member => Filler().IsMatch(member.Name) && !ours.Exists(own => own.Name == member.Name));
        Equal(path, "members", ours.Count, theirs.Count);
        for (int i = 0; i < Math.Min(ours.Count, theirs.Count); i++)
        {
            string inner = $"{path}.{ours[i].Name}";
            Equal(inner, "name", Plain(ours[i].Name) + (_isC23 && ours[i].Name == "bool" ? "_" : ""), Plain(theirs[i].Name));
            Equal(inner, "offset", ours[i].Member.BitOffset, theirs[i].Member.BitOffset);
            Equal(inner, "bits", ours[i].Member.BitfieldSize, theirs[i].Member.BitfieldSize);
            Type(inner, ours[i].Member.TypeId, theirs[i].Member.TypeId, depth + 1);
        }
    }

    // The members of those without a name are the struct's own.
    private static void Flatten(BtfTypes types, BtfType composite, uint offset, List<(string Name, BtfMember Member)> into)
    {
        for (int i = 0; i < composite.Length; i++)
        {
            BtfMember member = composite.Member(i);
            BtfType type = types[types.SkipModifiers(member.TypeId)];
            if (member.NameOffset == 0 && type.IsComposite)
            {
                Flatten(types, type, offset + member.BitOffset, into);
            }
            else if (member.NameOffset != 0)
            {
                into.Add((types.GetString(member.NameOffset), member with { BitOffset = offset + member.BitOffset }));
            }
        }
    }

    [GeneratedRegex("^__fillerx*_[0-9]+$")]
    private static partial Regex Filler();

    // Without the number of a name that occurs twice.
    private static string Plain(string name) => name.IndexOf("___", StringComparison.Ordinal) is > 0 and int at ? name[..at] : name;

    private void Equal<T>(string path, string what, T ours, T theirs)
    {
        if (!EqualityComparer<T>.Default.Equals(ours, theirs))
        {
            _differences.Add($"{path}: {what} is {ours}, compiled {theirs}");
        }
    }
}
