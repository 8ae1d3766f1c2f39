using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>
/// Decides which structs can be summed over CPUs: those whose every member is an integer, an array of such, or a struct that
/// can. A member's <c>btf_decl_tag</c> may say <c>max</c> or <c>min</c> instead. Flags, pointers, text and unions cannot.
/// </summary>
internal sealed class SummationRules
{
    private readonly BtfTypes _types;
    private readonly Dictionary<(int Type, int Member), SumOperation> _tags = [];
    private readonly HashSet<int> _summed = [];
    private readonly Dictionary<int, bool> _canSum = [];

    public SummationRules(BtfTypes types)
    {
        _types = types;
        for (int id = types.FirstId; id < types.Count; id++)
        {
            BtfType type = types[id];
            if (type.Kind == BtfKind.DeclarationTag && Operation(type.Name) is { } operation)
            {
                _tags[(type.TypeId, type.DeclarationTagComponent)] = operation;
            }
        }
    }

    /// <summary>Registers a type of per-CPU values; its structs are summed if all of them can be.</summary>
    public void AddPerCpuValue(int id)
    {
        if (CanSum(id, 0))
        {
            Mark(id);
        }
    }

    /// <summary>Returns true for a struct that is summed.</summary>
    public bool IsSummed(int structId) => _summed.Contains(structId);

    /// <summary>Returns the operation on a member of a struct that is summed.</summary>
    public SumOperation OperationOf(int structId, int member)
        => _tags.TryGetValue((structId, member), out SumOperation operation) ? operation : SumOperation.Sum;

    private bool CanSum(int id, int depth)
    {
        BtfType type = _types[_types.SkipModifiers(id)];
        if (depth > TypeNesting.MaximumDepth || IsBigEndian(id))
        {
            return false;
        }

        return type.Kind switch
        {
            BtfKind.Int => CSharpIntegers.Name((int)type.Size, isSigned: false) is not null && (type.IntEncoding & BtfIntEncoding.Bool) == 0 && type.Name != "char",
            BtfKind.Array => CanSum(type.Array.ElementTypeId, depth + 1),
            BtfKind.Struct => !KernelOwned.IsStruct(type) && CanSumMembers(type, depth),
            _ => false,
        };
    }

    // Each struct is examined once: where structs contain the same struct twice, the visits would double at every level.
    private bool CanSumMembers(BtfType type, int depth)
        => _canSum.TryGetValue(type.Id, out bool known) ? known : _canSum[type.Id] = EachCanBeSummed(type, depth);

    private bool EachCanBeSummed(BtfType type, int depth)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            if (member.BitfieldSize != 0 || !CanSum(member.TypeId, depth + 1))
            {
                return false;
            }
        }

        return type.Length > 0;
    }

    private void Mark(int id)
    {
        BtfType type = _types[_types.SkipModifiers(id)];
        if (type.Kind == BtfKind.Array)
        {
            Mark(type.Array.ElementTypeId);
        }
        else if (type.Kind == BtfKind.Struct && _summed.Add(type.Id))
        {
            for (int i = 0; i < type.Length; i++)
            {
                Mark(type.Member(i).TypeId);
            }
        }
    }

    private bool IsBigEndian(int id)
    {
        for (BtfType type = _types[id]; type.IsModifier; type = _types[type.TypeId])
        {
            if (type.Kind == BtfKind.Typedef && TypeResolver.IsNetworkOrder(type.Name))
            {
                return true;
            }
        }

        return false;
    }

    private static SumOperation? Operation(string tag) => tag switch
    {
        "sum" => SumOperation.Sum,
        "max" => SumOperation.Maximum,
        "min" => SumOperation.Minimum,
        _ => null,
    };
}
