using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>
/// Implements <c>bpf_core_type_matches</c>, the strict comparison. The kernel's type must have every member, constant and parameter of the object's type,
/// under the same name with a matching type. Structs behind a pointer need only the same name and kind.
/// </summary>
internal sealed class CoreTypeMatcher(CoreSubject subject, BtfTypes local, BtfTypes target)
{
    private const int MaximumDepth = 32;

    public bool Matches(int localId, int targetId) => Matches(localId, targetId, false, MaximumDepth);

    private bool Matches(int localId, int targetId, bool isBehindPointer, int level)
    {
        for (int depth = 0; depth < MaximumDepth && level > 0; depth++)
        {
            subject.Work(target);
            BtfType ours = local[local.SkipModifiers(localId)];
            BtfType theirs = target[target.SkipModifiers(targetId)];
            if (!NamesMatch(ours.NameOffset, theirs.NameOffset))
            {
                return false;
            }

            switch (ours.Kind)
            {
                case BtfKind.Void:
                    return theirs.Kind == BtfKind.Void;
                case BtfKind.Forward:
                    return ForwardMatches(ours, theirs, isBehindPointer);
                case BtfKind.Enum or BtfKind.Enum64:
                    return theirs.IsEnum && EnumsMatch(ours, theirs);
                case BtfKind.Struct or BtfKind.Union when isBehindPointer:
                    return ours.Kind == theirs.Kind || (theirs.Kind == BtfKind.Forward && (ours.Kind == BtfKind.Union) == theirs.KindFlag);
                case BtfKind.Struct or BtfKind.Union:
                    return ours.Kind == theirs.Kind && CompositesMatch(ours, theirs, level);
                case BtfKind.Int:
                    return theirs.Kind == BtfKind.Int && ours.Size == theirs.Size
                        && ((ours.IntEncoding ^ theirs.IntEncoding) & BtfIntEncoding.Signed) == 0;
                case BtfKind.Pointer when theirs.Kind == BtfKind.Pointer:
                    isBehindPointer = true;
                    localId = ours.TypeId;
                    targetId = theirs.TypeId;
                    break;
                case BtfKind.Array when theirs.Kind == BtfKind.Array && ours.Array.Count == theirs.Array.Count:
                    localId = ours.Array.ElementTypeId;
                    targetId = theirs.Array.ElementTypeId;
                    break;
                case BtfKind.FunctionPrototype when theirs.Kind == BtfKind.FunctionPrototype && ParametersMatch(ours, theirs, isBehindPointer, level):
                    localId = ours.TypeId;
                    targetId = theirs.TypeId;
                    break;
                default:
                    return false;
            }
        }

        throw subject.Unfit($"the types are nested more than {MaximumDepth} deep");
    }

    private static bool ForwardMatches(BtfType ours, BtfType theirs, bool isBehindPointer)
    {
        if (theirs.Kind == BtfKind.Forward)
        {
            return ours.KindFlag == theirs.KindFlag;
        }

        // The kind flag of a forward declaration means union.
        return isBehindPointer && theirs.Kind == (ours.KindFlag ? BtfKind.Union : BtfKind.Struct);
    }

    private bool EnumsMatch(BtfType ours, BtfType theirs)
    {
        if (ours.Size != theirs.Size || ours.Length > theirs.Length)
        {
            return false;
        }

        for (int i = 0; i < ours.Length; i++)
        {
            uint name = ours.EnumValue(i).NameOffset;
            bool isFound = false;
            for (int j = 0; j < theirs.Length && !isFound; j++)
            {
                subject.Work(target);
                isFound = NamesMatch(name, theirs.EnumValue(j).NameOffset);
            }

            if (!isFound)
            {
                return false;
            }
        }

        return true;
    }

    private bool CompositesMatch(BtfType ours, BtfType theirs, int level)
    {
        if (ours.Length > theirs.Length)
        {
            return false;
        }

        for (int i = 0; i < ours.Length; i++)
        {
            BtfMember member = ours.Member(i);
            bool isFound = false;
            for (int j = 0; j < theirs.Length && !isFound; j++)
            {
                subject.Work(target);
                BtfMember other = theirs.Member(j);
                isFound = NamesMatch(member.NameOffset, other.NameOffset) && Matches(member.TypeId, other.TypeId, false, level - 1);
            }

            if (!isFound)
            {
                return false;
            }
        }

        return true;
    }

    private bool ParametersMatch(BtfType ours, BtfType theirs, bool isBehindPointer, int level)
    {
        if (ours.Length != theirs.Length)
        {
            return false;
        }

        for (int i = 0; i < ours.Length; i++)
        {
            if (!Matches(ours.Parameter(i).TypeId, theirs.Parameter(i).TypeId, isBehindPointer, level - 1))
            {
                return false;
            }
        }

        return true;
    }

    private bool NamesMatch(uint ours, uint theirs)
        => BtfName.Essential(local.GetStringBytes(ours)).SequenceEqual(BtfName.Essential(target.GetStringBytes(theirs)));
}
