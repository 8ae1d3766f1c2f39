using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>Decides whether a kernel type or field corresponds to the object's, by a loose comparison of kinds that ignores the contents of structs.</summary>
internal static class CoreTypeCompatibility
{
    private const int MaximumDepth = 32;

    /// <summary>Returns true for the same kind; the two kinds of enum count as one.</summary>
    public static bool KindsAgree(BtfType local, BtfType target) => local.Kind == target.Kind || (local.IsEnum && target.IsEnum);

    /// <summary>Returns true when a kernel field can be read in place of the object's; sizes and signs may differ.</summary>
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
                    // Older compilers, without the kind flag, write bitfields as integers with an offset.
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

    /// <summary>Returns true when a kernel type with the same essential name corresponds to the object's type.</summary>
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

        throw subject.Unfit($"the types are nested more than {MaximumDepth} deep");
    }
}

/// <summary>The context of a type comparison. Creates its errors, and limits the work, because types that contain themselves could cause any amount.</summary>
internal interface ITypeComparison
{
    /// <summary>Counts one comparison of two types or members; throws an exception above the limit.</summary>
    void Work(BtfTypes target);

    /// <summary>Returns the exception for valid types that cannot be compared.</summary>
    BpfException Unfit(string problem);
}

/// <summary>Compares an extern declaration of the C with the kernel symbol of that name, with the same loose comparison as CO-RE.</summary>
internal sealed class ExternComparison(BpfObjectSpec spec, BpfExternSpec @extern) : ITypeComparison
{
    private const int MaximumWork = 100_000;

    private int _work;

    /// <summary>Compares the type of a variable, or the prototype of a function.</summary>
    /// <param name="target">The kernel's or a module's types.</param>
    /// <param name="id">The ID of the variable or function among them.</param>
    public bool Agrees(BtfTypes target, int id)
    {
        BtfTypes local = spec.Btf!;
        return CoreTypeCompatibility.TypesAgree(
            this, local, local.SkipModifiers(local[@extern.TypeId].TypeId), target, target.SkipModifiers(target[id].TypeId));
    }

    /// <inheritdoc/>
    public void Work(BtfTypes target)
    {
        if (++_work > MaximumWork)
        {
            throw Unfit($"comparing with the types of {target.Source} does not end: its types contain themselves");
        }
    }

    /// <inheritdoc/>
    public BpfException Unfit(string problem) => new($"extern '{@extern.Name}' of {spec.Name}: {problem}", spec.Name, @extern.Name);
}
