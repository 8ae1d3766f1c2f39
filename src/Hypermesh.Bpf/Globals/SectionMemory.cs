using Hypermesh.Bpf.Objects.Merging;

namespace Hypermesh.Bpf.Globals;

/// <summary>The memory of a data section, shared with the programs of one version, and those of earlier versions whose values are merged into what is read.</summary>
internal sealed unsafe class SectionMemory(BpfMapHandle map, MappingHandle mapping, int start, byte[] initial)
{
    private EarlierSection[]? _earlier;

    internal BpfMapHandle Map { get; } = map;

    internal MappingHandle Mapping { get; } = mapping;

    /// <summary>Where the section begins in the mapping.</summary>
    internal int Start { get; } = start;

    /// <summary>Its content before a program or user space wrote to it.</summary>
    internal byte[] Initial { get; } = initial;

    internal int Size => Initial.Length;

    internal bool HasEarlier => Volatile.Read(ref _earlier) is not null;

    /// <summary>Sets the sections of earlier versions, the newest last.</summary>
    internal void Follow(EarlierSection[] all) => Volatile.Write(ref _earlier, all.Length == 0 ? null : all);

    internal void Read(int offset, Span<byte> destination)
    {
        using MappingUse use = Mapping.Use();
        new ReadOnlySpan<byte>(use.Address + Start + offset, destination.Length).CopyTo(destination);
    }

    internal void Write(int offset, ReadOnlySpan<byte> source)
    {
        using MappingUse use = Mapping.Use();
        source.CopyTo(new Span<byte>(use.Address + Start + offset, source.Length));
    }

    /// <summary>Merges what earlier versions have counted into a part that was read.</summary>
    internal void Merge(Span<byte> part, int offset)
    {
        if (Volatile.Read(ref _earlier) is not { } all)
        {
            return;
        }

        // The newest first, so that it is the one that is kept.
        for (int i = all.Length - 1; i >= 0; i--)
        {
            SectionMemory memory = all[i].Memory;
            using MappingUse use = memory.Mapping.Use();
            all[i].Plan.MergePart(part, offset, Initial, new ReadOnlySpan<byte>(use.Address + memory.Start, memory.Size), memory.Initial);
        }
    }

    /// <summary>Forgets what earlier versions have counted in a part that user space writes.</summary>
    internal void Forget(int offset, int length)
    {
        foreach (EarlierSection earlier in Volatile.Read(ref _earlier) ?? [])
        {
            using MappingUse use = earlier.Memory.Mapping.Use();
            earlier.Plan.ResetPart(offset, length, new Span<byte>(use.Address + earlier.Memory.Start, earlier.Memory.Size), earlier.Memory.Initial);
        }
    }
}

/// <summary>A section of an earlier version.</summary>
/// <param name="Memory">Its memory.</param>
/// <param name="Plan">How its values are merged.</param>
internal sealed record EarlierSection(SectionMemory Memory, MergePlan Plan);

/// <summary>A variable that is at another place in a new version.</summary>
/// <param name="From">Its offset of before.</param>
/// <param name="Size">Its size.</param>
/// <param name="To">Its offset now.</param>
internal readonly record struct MovedVariable(int From, int Size, int To);

/// <summary>What a section's handle shows: the memory of the newest version, and where the variables are there.</summary>
internal sealed record SectionView(SectionMemory Memory, IReadOnlyList<MovedVariable>? Moved)
{
    /// <summary>Finds where a part of a variable is.</summary>
    /// <exception cref="BpfException">The newest version has no such variable.</exception>
    internal int PlaceOf(string section, int offset, int length)
    {
        int place = offset;
        if (Moved is not null)
        {
            place = -1;
            foreach (MovedVariable variable in Moved)
            {
                if (offset >= variable.From && offset + length <= variable.From + variable.Size)
                {
                    place = offset - variable.From + variable.To;
                    break;
                }
            }
        }

        return place >= 0 && place <= Memory.Size - length
            ? place
            : throw new BpfException($"What is at offset {offset} of section {section} is not a variable of the version that was loaded by the last hot reload, or has another size there. Read it by GetSection.", Memory.Map.ObjectName, section);
    }
}
