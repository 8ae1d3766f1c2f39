using System.Buffers.Binary;

namespace Hypermesh.Bpf.Objects.Merging;

/// <summary>How a value of one version is merged into a value of another: member by member, by name.</summary>
internal sealed class MergePlan
{
    private readonly (MergeField From, MergeField Into, int Index)[] _steps;

    private MergePlan((MergeField, MergeField, int)[] steps, int count)
    {
        _steps = steps;
        Count = count;
    }

    /// <summary>The number of members of the version that is read.</summary>
    public int Count { get; }

    /// <summary>Makes a plan, or returns null and why values would be lost.</summary>
    /// <param name="from">The members of the version whose values are merged.</param>
    /// <param name="into">Those of the version that is read. Members that it does not have are not read, and stay where they are.</param>
    /// <param name="fault">What cannot be taken over, as the beginning of a sentence.</param>
    public static MergePlan? Of(IReadOnlyList<MergeField> from, IReadOnlyList<MergeField> into, out string? fault)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < into.Count; i++)
        {
            places[into[i].Path] = i;
        }

        var steps = new List<(MergeField, MergeField, int)>();
        foreach (MergeField field in from)
        {
            if (!places.TryGetValue(field.Path, out int index))
            {
                continue;
            }

            MergeField place = into[index];

            if (Difference(field, place) is { } difference)
            {
                fault = $"{(field.Path.Length == 0 ? "its value" : $"member '{field.Path}'")} {difference}";
                return null;
            }

            steps.Add((field, place, index));
        }

        fault = null;
        return new MergePlan([.. steps], into.Count);
    }

    /// <summary>Merges a value into another one.</summary>
    /// <param name="into">The value.</param>
    /// <param name="isSet">For each of its members, whether it has a value: what does not is taken, and has one then.</param>
    /// <param name="from">The value of the other version.</param>
    public void Merge(Span<byte> into, Span<bool> isSet, ReadOnlySpan<byte> from)
    {
        foreach ((MergeField source, MergeField target, int index) in _steps)
        {
            Merge(into, from, source, target, !isSet[index]);
            isSet[index] = true;
        }
    }

    /// <summary>Whether a value is all zero: an element of an array or a CPU's value that no program has written.</summary>
    public static bool IsZero(ReadOnlySpan<byte> bytes)
    {
        foreach (byte one in bytes)
        {
            if (one != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Merges those members of a data section that lie within a part of it, such as a variable or an element of an array. A value that is the initial one was never written.</summary>
    /// <param name="into">The part.</param>
    /// <param name="offset">Its offset in the section.</param>
    /// <param name="intoInitial">The initial content of the section.</param>
    /// <param name="from">The whole section of the other version.</param>
    /// <param name="fromInitial">Its initial content.</param>
    public void MergePart(Span<byte> into, int offset, ReadOnlySpan<byte> intoInitial, ReadOnlySpan<byte> from, ReadOnlySpan<byte> fromInitial)
    {
        foreach ((MergeField source, MergeField target, _) in _steps)
        {
            for (int i = First(target, offset); i < target.Count && target.Offset + ((i + 1) * target.Size) <= offset + into.Length; i++)
            {
                int place = target.Offset + (i * target.Size);
                Span<byte> ours = into.Slice(place - offset, target.Size);
                ReadOnlySpan<byte> theirs = from.Slice(source.Offset + (i * source.Size), source.Size), begun = fromInitial.Slice(source.Offset + (i * source.Size), source.Size);
                if (theirs.SequenceEqual(begun))
                {
                    continue;
                }

                if (target.Rule == MergeRule.Sum)
                {
                    Write(ours, unchecked(Read(ours, target.IsSigned) + Read(theirs, source.IsSigned) - Read(begun, source.IsSigned)));
                }
                else if (ours.SequenceEqual(intoInitial.Slice(place, target.Size)))
                {
                    Take(ours, theirs, source);
                }
                else if (target.Rule != MergeRule.Keep)
                {
                    Write(ours, Merge(target, Read(ours, target.IsSigned), Read(theirs, source.IsSigned)));
                }
            }
        }
    }

    /// <summary>Gives those members that would be merged into a part of a data section their initial content.</summary>
    public void ResetPart(int offset, int length, Span<byte> from, ReadOnlySpan<byte> fromInitial)
    {
        foreach ((MergeField source, MergeField target, _) in _steps)
        {
            for (int i = First(target, offset); i < target.Count && target.Offset + ((i + 1) * target.Size) <= offset + length; i++)
            {
                fromInitial.Slice(source.Offset + (i * source.Size), source.Size).CopyTo(from.Slice(source.Offset + (i * source.Size), source.Size));
            }
        }
    }

    // The first element that does not begin before the offset.
    private static int First(MergeField field, int offset) => offset <= field.Offset ? 0 : (offset - field.Offset + field.Size - 1) / field.Size;

    private static void Take(Span<byte> into, ReadOnlySpan<byte> from, MergeField source)
    {
        if (source.Rule == MergeRule.Keep)
        {
            from.CopyTo(into);
        }
        else
        {
            Write(into, Read(from, source.IsSigned));
        }
    }

    private static void Merge(Span<byte> into, ReadOnlySpan<byte> from, MergeField source, MergeField target, bool isFirst)
    {
        if (target.Rule == MergeRule.Keep)
        {
            if (isFirst)
            {
                from.Slice(source.Offset, source.Size).CopyTo(into.Slice(target.Offset, target.Size));
            }

            return;
        }

        for (int i = 0; i < target.Count; i++)
        {
            long one = Read(from.Slice(source.Offset + (i * source.Size), source.Size), source.IsSigned);
            Span<byte> place = into.Slice(target.Offset + (i * target.Size), target.Size);
            Write(place, isFirst ? one : Merge(target, Read(place, target.IsSigned), one));
        }
    }

    private static long Merge(MergeField field, long one, long other) => field.Rule switch
    {
        MergeRule.Sum => unchecked(one + other),
        MergeRule.Max => IsLess(field, one, other) ? other : one,
        _ => IsLess(field, one, other) ? one : other,
    };

    private static bool IsLess(MergeField field, long one, long other) => field.IsSigned ? one < other : (ulong)one < (ulong)other;

    private static string? Difference(MergeField from, MergeField into)
        => from.Rule != into.Rule ? $"has the tag {Tag(into)} and had {Tag(from)}"
            : from.Count != into.Count ? $"has {into.Count} elements and had {from.Count}"
            : from.Rule == MergeRule.Keep ? from.Size != into.Size ? $"has {into.Size} bytes and had {from.Size}" : null
            : into.Size < from.Size ? $"has {into.Size} bytes and had {from.Size}: greater values would not fit"
            : from.IsSigned && !into.IsSigned ? "is unsigned and was signed"
            : !from.IsSigned && into.IsSigned && into.Size == from.Size ? "is signed and was unsigned: greater values would not fit"
            : null;

    private static string Tag(MergeField field) => $"HM_{field.Rule.ToString().ToUpperInvariant()}";

    private static long Read(ReadOnlySpan<byte> bytes, bool isSigned) => bytes.Length switch
    {
        sizeof(byte) => isSigned ? (sbyte)bytes[0] : bytes[0],
        sizeof(ushort) => isSigned ? BinaryPrimitives.ReadInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        sizeof(uint) => isSigned ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };

    private static void Write(Span<byte> bytes, long value)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(value >> (8 * i));
        }
    }
}
