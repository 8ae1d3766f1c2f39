using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>The values of a relocation with one candidate, or without a candidate.</summary>
/// <param name="LocalValue">The value by the object's types.</param>
/// <param name="TargetValue">The value by the kernel's types.</param>
internal readonly record struct CoreResolution(ulong LocalValue, ulong TargetValue)
{
    /// <summary>True when there is no value, so the instruction must not be reached.</summary>
    public bool IsPoisoned { get; init; }

    /// <summary>True when the instruction must contain <see cref="LocalValue"/>; false when compilers or linkers may write another value.</summary>
    public bool IsChecked { get; init; } = true;

    /// <summary>The number of bytes that a load reads by the object's types.</summary>
    public long LocalSize { get; init; }

    /// <summary>The number of bytes that a load reads by the kernel's types.</summary>
    public long TargetSize { get; init; }

    /// <summary>True when the two sizes differ, and a load of the other width would not give the same value.</summary>
    public bool IsMisfit { get; init; }

    /// <summary>Calculates both sides.</summary>
    /// <param name="subject">The relocation.</param>
    /// <param name="local">The object's access.</param>
    /// <param name="target">The candidate's access; null when no candidate matches.</param>
    public static CoreResolution Of(CoreSubject subject, CoreSpec local, CoreSpec? target)
    {
        CoreRelocationKind kind = subject.Relocation.Kind;
        return kind.IsFieldBased() ? OfField(subject, local, target)
            : kind.IsTypeBased() ? OfType(subject, local, target)
            : OfConstant(kind, local, target);
    }

    private static CoreResolution OfField(CoreSubject subject, CoreSpec local, CoreSpec? target)
    {
        CoreFieldValue ours = CoreFieldValue.Of(subject, local);
        if (target is null)
        {
            bool isQuestion = subject.Relocation.Kind == CoreRelocationKind.FieldExists;
            return new CoreResolution(ours.Value, 0) { IsPoisoned = !isQuestion };
        }

        CoreFieldValue theirs = CoreFieldValue.Of(subject, target);
        return new CoreResolution(ours.Value, theirs.Value)
        {
            IsChecked = ours.IsCertain,
            LocalSize = ours.LoadSize,
            TargetSize = theirs.LoadSize,
            IsMisfit = ours.LoadSize != theirs.LoadSize && !MayResize(local.Types, ours.TypeId, target.Types, theirs.TypeId),
        };
    }

    private static CoreResolution OfType(CoreSubject subject, CoreSpec local, CoreSpec? target)
    {
        switch (subject.Relocation.Kind)
        {
            case CoreRelocationKind.TypeIdTarget:
                // Linking may have renumbered the types, so the value in the instruction cannot be checked.
                return new CoreResolution((ulong)local.RootTypeId, (ulong)(target?.RootTypeId ?? 0)) { IsChecked = false };
            case CoreRelocationKind.TypeSize:
                return new CoreResolution(Measure(subject, local), target is null ? 0 : Measure(subject, target));
            default:
                return new CoreResolution(1, target is null ? 0UL : 1);
        }
    }

    private static CoreResolution OfConstant(CoreRelocationKind kind, CoreSpec local, CoreSpec? target)
        => kind == CoreRelocationKind.EnumValueExists ? new CoreResolution(1, target is null ? 0UL : 1)
            : target is null ? new CoreResolution(Constant(local), 0) { IsPoisoned = true }
            : new CoreResolution(Constant(local), Constant(target));

    // Constants of 32 bits are sign-extended regardless of the enum's flag, because older compilers do not set it.
    private static ulong Constant(CoreSpec spec)
    {
        BtfType type = spec.Types[spec.Last.TypeId];
        ulong value = type.EnumValue(spec.Last.Index).Value;
        return type.Kind == BtfKind.Enum ? (ulong)(int)value : value;
    }

    private static ulong Measure(CoreSubject subject, CoreSpec spec)
        => CoreSize.HasSize(spec.Types, spec.RootTypeId)
            ? (ulong)spec.Types.SizeOf(spec.RootTypeId)
            : throw subject.Unfit($"type {spec.RootTypeId} of {spec.Types.Source} has no size");

    // Pointers and unsigned integers are zero-extended, so a narrower or wider load gives the same value.
    private static bool MayResize(BtfTypes local, int localId, BtfTypes target, int targetId)
    {
        BtfType ours = local[localId];
        BtfType theirs = target[targetId];
        return (ours.Kind == BtfKind.Pointer && theirs.Kind == BtfKind.Pointer) || (IsUnsigned(ours) && IsUnsigned(theirs));
    }

    private static bool IsUnsigned(BtfType type) => type.Kind == BtfKind.Int && type.IntEncoding != BtfIntEncoding.Signed;
}
