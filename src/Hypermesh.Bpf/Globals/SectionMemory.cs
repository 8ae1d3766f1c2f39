using Hypermesh.Bpf.Objects.Merging;

namespace Hypermesh.Bpf.Globals;

/// <summary>The memory of a data section, shared with the programs of one version, and those of earlier versions whose values are merged into what is read.</summary>
internal sealed unsafe class SectionMemory(BpfMapHandle map, MappingHandle mapping, int start, int size)
{
    private EarlierSections? _earlier;

    internal BpfMapHandle Map { get; } = map;

    internal MappingHandle Mapping { get; } = mapping;

    /// <summary>Where the section begins in the mapping.</summary>
    internal int Start { get; } = start;

    internal int Size { get; } = size;

    internal bool HasEarlier => Volatile.Read(ref _earlier) is not null;

    /// <summary>Sets the sections of earlier versions.</summary>
    /// <param name="all">The sections.</param>
    /// <param name="initial">The initial content of this one.</param>
    internal void Follow(EarlierSection[] all, byte[] initial) => Volatile.Write(ref _earlier, all.Length == 0 ? null : new EarlierSections(all, initial));

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
        if (Volatile.Read(ref _earlier) is not var (all, initial))
        {
            return;
        }

        foreach (EarlierSection earlier in all)
        {
            using MappingUse use = earlier.Memory.Mapping.Use();
            earlier.Plan.MergePart(part, offset, initial, new ReadOnlySpan<byte>(use.Address + earlier.Memory.Start, earlier.Memory.Size), earlier.Initial);
        }
    }

    /// <summary>Forgets what earlier versions have counted in a part that user space writes.</summary>
    internal void Forget(int offset, int length)
    {
        if (Volatile.Read(ref _earlier) is not var (all, _))
        {
            return;
        }

        foreach (EarlierSection earlier in all)
        {
            using MappingUse use = earlier.Memory.Mapping.Use();
            earlier.Plan.ResetPart(offset, length, new Span<byte>(use.Address + earlier.Memory.Start, earlier.Memory.Size), earlier.Initial);
        }
    }
}

/// <summary>The sections of earlier versions, and the initial content of the one that follows them.</summary>
internal sealed record EarlierSections(EarlierSection[] All, byte[] Initial);

/// <summary>A section of an earlier version.</summary>
/// <param name="Memory">Its memory.</param>
/// <param name="Initial">Its initial content.</param>
/// <param name="Plan">How its values are merged.</param>
internal sealed record EarlierSection(SectionMemory Memory, byte[] Initial, MergePlan Plan);

/// <summary>A variable that is at another place in a new version.</summary>
/// <param name="From">Its offset of before.</param>
/// <param name="Size">Its size.</param>
/// <param name="To">Its offset now.</param>
internal readonly record struct MovedVariable(int From, int Size, int To);

/// <summary>What a section's handle shows: the memory of the newest version, and where the variables are there.</summary>
internal sealed record SectionView(SectionMemory Memory, IReadOnlyList<MovedVariable>? Moved)
{
    /// <summary>Translates an offset.</summary>
    /// <exception cref="BpfException">The newest version has no such variable.</exception>
    internal int PlaceOf(string section, int offset)
    {
        if (Moved is null)
        {
            return offset;
        }

        foreach (MovedVariable variable in Moved)
        {
            if (offset >= variable.From && offset < variable.From + variable.Size)
            {
                return offset - variable.From + variable.To;
            }
        }

        throw new BpfException($"The variable at offset {offset} of section {section} is not in the version that was loaded by the last hot reload, or has another size there. Read it by GetSection.", Memory.Map.ObjectName, section);
    }
}
