using System.Text;
using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Monitoring.Memory;

/// <summary>
/// The cgroups that have a limit, found by walking the tree over and over, some groups at a time. A group without a limit costs one read a walk and no memory. At most
/// <see cref="Most"/> groups are kept.
/// </summary>
internal sealed class LimitedGroups(CGroupHierarchy hierarchy, CGroupMemoryFiles files, int most = LimitedGroups.Most)
{
    internal const int Most = 16_384;

    private readonly Dictionary<string, WatchedGroup> _byFolder = new(StringComparer.Ordinal);
    private readonly List<WatchedGroup> _all = [];
    private readonly List<WatchedGroup> _removed = [];
    private readonly Stack<(string Folder, WatchedGroup? Above)> _pending = new();
    private readonly byte[] _folder = new byte[8 * 1024];
    private int _walk;
    private int _visited;
    private int _refused;

    /// <summary>All of them.</summary>
    internal List<WatchedGroup> All => _all;

    /// <summary>Those that the last step found gone.</summary>
    internal List<WatchedGroup> Removed => _removed;

    /// <summary>The number of groups, with a limit or without, in the last complete walk.</summary>
    internal int Visited { get; private set; }

    /// <summary>The number of groups with a limit for which there was no room, in the last complete walk.</summary>
    internal int Refused { get; private set; }

    /// <summary>The number of complete walks.</summary>
    internal int Walks { get; private set; }

    /// <summary>Visits some groups; begins a walk where none is going on.</summary>
    /// <param name="budget">How many.</param>
    /// <param name="machineLimit">The memory of the machine: a limit that is not lower limits nothing.</param>
    /// <param name="hasSwap">Whether limits of swap matter.</param>
    /// <returns>Whether the walk is complete.</returns>
    internal bool Step(int budget, long machineLimit, bool hasSwap)
    {
        _removed.Clear();
        if (_pending.Count == 0)
        {
            (_visited, _refused) = (0, 0);
            _walk++;
            _pending.Push((hierarchy.Root, null));
        }

        while (budget-- > 0 && _pending.TryPop(out (string Folder, WatchedGroup? Above) next))
        {
            Visit(next.Folder, next.Above, machineLimit, hasSwap);
        }

        if (_pending.Count > 0)
        {
            return false;
        }

        RemoveGone();
        (Visited, Refused) = (_visited, _refused);
        Walks++;
        return true;
    }

    private void Visit(string folder, WatchedGroup? above, long machineLimit, bool hasSwap)
    {
        _visited++;
        if (folder.Length > hierarchy.Root.Length)
        {
            if (!TryLimit(folder, out long limit))
            {
                // Gone meanwhile, or the controller is off here and below.
                return;
            }

            above = limit < machineLimit ? Keep(folder, limit, above, hasSwap) ?? above : above;
        }

        try
        {
            foreach (string child in Directory.EnumerateDirectories(folder))
            {
                _pending.Push((child, above));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile.
        }
    }

    private bool TryLimit(string folder, out long limit)
    {
        limit = 0;
        if (Encoding.UTF8.GetMaxByteCount(folder.Length) + 1 > _folder.Length)
        {
            return false;
        }

        int length = Encoding.UTF8.GetBytes(folder, _folder);
        _folder[length] = (byte)'/';
        return files.TryReadLimit(_folder.AsSpan(0, length + 1), out limit);
    }

    private WatchedGroup? Keep(string folder, long limit, WatchedGroup? above, bool hasSwap)
    {
        if (!_byFolder.TryGetValue(folder, out WatchedGroup? group))
        {
            if (_all.Count >= most)
            {
                _refused++;
                return null;
            }

            group = new WatchedGroup(folder[hierarchy.Root.Length..], CGroupMemoryFiles.Folder(folder), above);
            _byFolder.Add(folder, group);
            _all.Add(group);
        }

        group.Parent = above;
        group.Limit = limit;
        group.SwapLimit = hasSwap ? files.ReadSwapLimit(group.Folder) : CGroupMemoryFiles.NoLimit;
        group.Walk = _walk;
        return group;
    }

    private void RemoveGone()
    {
        for (int i = _all.Count - 1; i >= 0; i--)
        {
            if (_all[i].Walk != _walk)
            {
                _removed.Add(_all[i]);
                _byFolder.Remove(hierarchy.Root + _all[i].Path);
                _all.RemoveAt(i);
            }
        }
    }
}
