using System.Diagnostics;
using System.IO.Enumeration;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>A hierarchy of cgroups: that of a v1 controller, or the unified one.</summary>
/// <param name="Root">Where it is mounted.</param>
/// <param name="IsV1">Whether it is a hierarchy of v1.</param>
internal sealed record CGroupHierarchy(string Root, bool IsV1)
{
    /// <summary>Finds the hierarchy that has a controller; null when none is mounted.</summary>
    /// <param name="controller">The controller, such as <c>cpuacct</c> or <c>memory</c>; the unified hierarchy has all that v1 does not have.</param>
    /// <param name="cgroupFs">Where cgroups are mounted instead; null to read it from the mounts.</param>
    /// <param name="procFs">Where procfs is mounted.</param>
    internal static CGroupHierarchy? Find(string controller, string? cgroupFs = null, string procFs = "/proc")
    {
        if (cgroupFs is not null)
        {
            string v1 = Path.Combine(cgroupFs, controller);
            return Directory.Exists(v1) ? new CGroupHierarchy(v1, IsV1: true) : new CGroupHierarchy(cgroupFs, IsV1: false);
        }

        CGroupHierarchy? unified = null;
        foreach (string line in File.ReadLines(Path.Combine(procFs, "self/mounts")))
        {
            string[] fields = line.Split(' ');
            // Another mount may hide it.
            if (fields is [_, _, "cgroup" or "cgroup2", ..] && !Directory.Exists(fields[1]))
            {
                continue;
            }

            if (fields is [_, _, "cgroup", _, ..] && fields[3].Split(',').Contains(controller, StringComparer.Ordinal))
            {
                return new CGroupHierarchy(fields[1], IsV1: true);
            }

            if (fields is [_, _, "cgroup2", ..])
            {
                unified ??= new CGroupHierarchy(fields[1], IsV1: false);
            }
        }

        return unified;
    }
}

/// <summary>
/// The paths of cgroups by their IDs, which are the inode numbers of their folders. The tree is walked when an unknown ID is asked for, at most once a second; an ID whose folder is gone
/// keeps the path it had. At most 65,536 are kept.
/// </summary>
internal sealed class CGroupNames(CGroupHierarchy hierarchy)
{
    private const int Most = 65_536;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ulong, string> _paths = [];
    private long _walked;

    /// <summary>The number of walks so far.</summary>
    internal int Walks { get; private set; }

    /// <summary>Returns the path below the hierarchy's root, <c>/</c> for the root itself; null when it is not known.</summary>
    internal string? PathOf(ulong id)
    {
        if (_paths.TryGetValue(id, out string? path))
        {
            return path;
        }

        if (_walked == 0 || Stopwatch.GetElapsedTime(_walked) >= s_pause)
        {
            Walk();
            _walked = Stopwatch.GetTimestamp();
        }

        return _paths.GetValueOrDefault(id);
    }

    /// <summary>Says whether the folder of an ID is still there.</summary>
    internal bool Exists(ulong id) => PathOf(id) is { } path && InodeNumber.TryRead(hierarchy.Root + path, out ulong now) && now == id;

    /// <summary>Reads the tree, so that names of groups that end soon are known.</summary>
    internal void Walk()
    {
        Walks++;
        if (_paths.Count > Most)
        {
            _paths.Clear();
        }

        Add(hierarchy.Root, "/");
        var folders = new FileSystemEnumerable<string>(
            hierarchy.Root, static (ref FileSystemEntry entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint })
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => entry.IsDirectory,
        };
        try
        {
            foreach (string folder in folders)
            {
                Add(folder, folder[hierarchy.Root.Length..]);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A group was removed while its folder was read: the next walk has the rest.
        }
    }

    private void Add(string folder, string path)
    {
        if (InodeNumber.TryRead(folder, out ulong id))
        {
            _paths[id] = path;
        }
    }
}

/// <summary>The inode number of a path, which the base class library does not show.</summary>
internal static unsafe partial class InodeNumber
{
    private const int AtFdCwd = -100;
    private const uint StatxIno = 0x100;

    internal static bool TryRead(string path, out ulong number)
    {
        // struct statx has 256 bytes; stx_ino is at offset 32 (uapi/linux/stat.h).
        byte* buffer = stackalloc byte[256];
        bool found = Statx(AtFdCwd, path, 0, StatxIno, buffer) == 0;
        number = found ? *(ulong*)(buffer + 32) : 0;
        return found;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* buffer);
}
