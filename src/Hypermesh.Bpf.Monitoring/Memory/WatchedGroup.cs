namespace Hypermesh.Bpf.Monitoring.Memory;

/// <summary>A cgroup that has a limit of its own; for the machine, the root. Groups without one end at the limit of such a group.</summary>
internal sealed class WatchedGroup(string path, byte[] folder, WatchedGroup? parent)
{
    /// <summary>The path below the hierarchy's root; <c>/</c> for the machine.</summary>
    internal string Path => path;

    /// <summary>The folder, with a slash at the end; empty for the machine.</summary>
    internal ReadOnlySpan<byte> Folder => folder;

    /// <summary>The nearest group above that has a limit; null when only the machine is above.</summary>
    internal WatchedGroup? Parent { get; set; } = parent;

    /// <summary>The limit in bytes.</summary>
    internal long Limit { get; set; }

    /// <summary>The limit of swap (v2), or of memory and swap together (v1).</summary>
    internal long SwapLimit { get; set; } = CGroupMemoryFiles.NoLimit;

    /// <summary>All that is charged, at the last look.</summary>
    internal long Usage { get; set; }

    /// <summary>What cannot be reclaimed, at the last look that read it; until then all that is charged.</summary>
    internal long Used { get; set; }

    /// <summary>What is swapped out.</summary>
    internal long Swapped { get; set; }

    /// <summary>The predictor; null until the group first came near its limit.</summary>
    internal OomPredictor? Predictor { get; set; }

    /// <summary>Whether it is sampled, and not only looked at.</summary>
    internal bool IsNear { get; set; }

    /// <summary>When it was last looked at.</summary>
    internal long LookedAtNs { get; set; }

    /// <summary>When <see cref="Used"/> was last read.</summary>
    internal long SampledAtNs { get; set; }

    /// <summary>Whether <see cref="Used"/> was ever read.</summary>
    internal bool HasMemory { get; set; }

    /// <summary>The group whose limit binds; itself where that is its own.</summary>
    internal WatchedGroup? Binding { get; set; }

    /// <summary>The open warning.</summary>
    internal OomWarning? Warning { get; set; }

    /// <summary>The kernel's count of kills when the warning began; -1 when it cannot be read.</summary>
    internal long KillsBefore { get; set; }

    /// <summary>The number of the walk that last found it.</summary>
    internal int Walk { get; set; }

    /// <summary>The part of the limit that is used.</summary>
    internal double Share => Limit > 0 ? (double)Used / Limit : 1;

    /// <summary>Whether another group is this one or below it.</summary>
    internal bool Contains(string other)
        => path == "/" || (other.StartsWith(path, StringComparison.Ordinal) && (other.Length == path.Length || other[path.Length] == '/'));
}
