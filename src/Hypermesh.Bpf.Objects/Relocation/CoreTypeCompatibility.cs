using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>When a kernel type or field may stand for the object's: the loose comparison, by kind, that does not look into structs.</summary>
internal static class CoreTypeCompatibility
{
    private const int MaximumDepth = 32;

    /// <summary>The same kind; the two kinds of enum count as one.</summary>
    public static bool KindsAgree(BtfType local, BtfType target) => local.Kind == target.Kind || (local.IsEnum && target.IsEnum);

    /// <summary>Whether a kernel field may be read where the object's was meant: sizes and signs may differ.</summary>
    public static bool FieldsAgree(BtfTypes local, int localId, BtfTypes target, int targetId)
    {
        for (int depth = 0; depth < CoreSpec.MaximumSteps; depth++)
        {
            BtfType ours = local[local.SkipModifiers(localId)];
            BtfType theirs = target[target.SkipModifiers(targetId)];
            if (ours.IsComposite && theirs.IsComposite)
            {
                return true;
            }

            if (!KindsAgree(ours, theirs))
            {
                return false;
            }

            switch (ours.Kind)
            {
                case BtfKind.Pointer or BtfKind.Float:
                    return true;
                case BtfKind.Forward or BtfKind.Enum or BtfKind.Enum64:
                    ReadOnlySpan<byte> ourName = BtfName.Essential(ours.NameBytes);
                    ReadOnlySpan<byte> theirName = BtfName.Essential(theirs.NameBytes);
                    return ourName.IsEmpty || theirName.IsEmpty || ourName.SequenceEqual(theirName);
                case BtfKind.Int:
                    // Integers with an offset are the bitfields of compilers before the kind flag.
                    return ours.IntBitOffset == 0 && theirs.IntBitOffset == 0;
                case BtfKind.Array:
                    localId = ours.Array.ElementTypeId;
                    targetId = theirs.Array.ElementTypeId;
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    /// <summary>Whether a kernel type of the same essential name is the object's type at all.</summary>
    public static bool TypesAgree(ITypeComparison subject, BtfTypes local, int localId, BtfTypes target, int targetId)
        => KindsAgree(local[localId], target[targetId]) && TypesAgree(subject, local, localId, target, targetId, MaximumDepth);

    private static bool TypesAgree(ITypeComparison subject, BtfTypes local, int localId, BtfTypes target, int targetId, int level)
    {
        for (int depth = 0; depth < MaximumDepth && level > 0; depth++)
        {
            subject.Work(target);
            BtfType ours = local[local.SkipModifiers(localId)];
            BtfType theirs = target[target.SkipModifiers(targetId)];
            if (!KindsAgree(ours, theirs))
            {
                return false;
            }

            switch (ours.Kind)
            {
                case BtfKind.Void or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Forward:
                    return true;
                case BtfKind.Int:
                    return ours.IntBitOffset == 0 && theirs.IntBitOffset == 0;
                case BtfKind.Pointer:
                    localId = ours.TypeId;
                    targetId = theirs.TypeId;
                    break;
                case BtfKind.Array:
                    localId = ours.Array.ElementTypeId;
                    targetId = theirs.Array.ElementTypeId;
                    break;
                case BtfKind.FunctionPrototype:
                    if (ours.Length != theirs.Length)
                    {
                        return false;
                    }

                    for (int i = 0; i < ours.Length; i++)
                    {
                        if (!TypesAgree(subject, local, ours.Parameter(i).TypeId, target, theirs.Parameter(i).TypeId, level - 1))
                        {
                            return false;
                        }
                    }

                    localId = ours.TypeId;
                    targetId = theirs.TypeId;
                    break;
                default:
                    return false;
            }
        }

        throw subject.Unfit($"the types nest more than {MaximumDepth} deep");
    }
}
