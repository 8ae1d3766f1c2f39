using System.Buffers.Text;
using System.Text;
using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Monitoring.Memory;

/// <summary>What a cgroup's files say at one moment, in bytes.</summary>
/// <param name="Used">Memory that cannot be reclaimed: anonymous and shared memory, and the kernel's own for it. Page cache is not in it, active or not: the kernel takes that back.</param>
/// <param name="Swapped">What is swapped out.</param>
internal readonly record struct CGroupMemory(long Used, long Swapped);

/// <summary>Reads the files of the memory controller, of either version.</summary>
/// <param name="isV1">Whether its hierarchy is one of v1.</param>
internal sealed class CGroupMemoryFiles(bool isV1)
{
    /// <summary>The value of a limit that is not set.</summary>
    internal const long NoLimit = long.MaxValue;

    // v1 writes the largest number of pages in bytes where there is no limit.
    private const long UnlimitedInV1 = 1L << 62;

    private readonly byte[] _path = new byte[8 * 1024];
    private readonly byte[] _text = new byte[16 * 1024];

    /// <summary>Reads a group's limit; false when the group is gone or has no memory controller.</summary>
    internal bool TryReadLimit(ReadOnlySpan<byte> folder, out long limit)
        => TryReadNumber(folder, isV1 ? "memory.limit_in_bytes"u8 : "memory.max"u8, out limit);

    /// <summary>Reads the limit of what a group may swap; v1 has one for memory and swap together. <see cref="NoLimit"/> where the kernel does not account swap.</summary>
    internal long ReadSwapLimit(ReadOnlySpan<byte> folder)
        => TryReadNumber(folder, isV1 ? "memory.memsw.limit_in_bytes"u8 : "memory.swap.max"u8, out long limit) ? limit : NoLimit;

    /// <summary>Reads all that a group has charged, page cache included: never less than <see cref="CGroupMemory.Used"/>, and cheap.</summary>
    internal bool TryReadUsage(ReadOnlySpan<byte> folder, out long usage)
        => TryReadNumber(folder, isV1 ? "memory.usage_in_bytes"u8 : "memory.current"u8, out usage);

    /// <summary>Reads what cannot be reclaimed, with that of the groups below.</summary>
    /// <param name="folder">The group's folder.</param>
    /// <param name="hasSwap">Whether the machine has swap.</param>
    /// <param name="memory">The figures.</param>
    internal bool TryReadMemory(ReadOnlySpan<byte> folder, bool hasSwap, out CGroupMemory memory)
    {
        memory = default;
        int length = Read(folder, "memory.stat"u8);
        if (length < 0)
        {
            return false;
        }

        memory = isV1 ? ParseV1(_text.AsSpan(0, length)) : ParseV2(_text.AsSpan(0, length));
        if (isV1)
        {
            memory = memory with { Used = memory.Used + (TryReadNumber(folder, "memory.kmem.usage_in_bytes"u8, out long kernel) ? kernel : 0) };
        }
        else if (hasSwap && TryReadNumber(folder, "memory.swap.current"u8, out long swapped))
        {
            memory = memory with { Swapped = swapped };
        }

        return true;
    }

    /// <summary>Reads how many processes of a group the OOM killer killed; with those of the groups below on v2 only.</summary>
    internal bool TryReadKills(ReadOnlySpan<byte> folder, out long kills)
    {
        kills = 0;
        int length = Read(folder, isV1 ? "memory.oom_control"u8 : "memory.events"u8);
        if (length < 0 || !ProcFile.TryFind(_text.AsSpan(0, length), "oom_kill"u8, out ulong value))
        {
            return false;
        }

        kills = (long)value;
        return true;
    }

    /// <summary>The files of v2: <c>memory.stat</c>.</summary>
    internal static CGroupMemory ParseV2(ReadOnlySpan<byte> stat)
        => new(Find(stat, "anon"u8) + Find(stat, "shmem"u8) + Find(stat, "slab_unreclaimable"u8) + Find(stat, "kernel_stack"u8) + Find(stat, "pagetables"u8), 0);

    /// <summary>The files of v1, where shared memory and swap are those of all groups below too; the kernel's memory is in a file of its own.</summary>
    internal static CGroupMemory ParseV1(ReadOnlySpan<byte> stat)
        => new(Find(stat, "total_rss"u8) + Find(stat, "total_shmem"u8), Find(stat, "total_swap"u8));

    /// <summary>Parses a file with one number, or <c>max</c>.</summary>
    internal static bool TryParseNumber(ReadOnlySpan<byte> text, out long value)
    {
        if (text.StartsWith("max"u8))
        {
            value = NoLimit;
            return true;
        }

        bool found = Utf8Parser.TryParse(text, out value, out _);
        value = value >= UnlimitedInV1 ? NoLimit : value;
        return found;
    }

    /// <summary>A folder as the bytes of its path, with a slash at the end.</summary>
    internal static byte[] Folder(string path) => Encoding.UTF8.GetBytes(path.EndsWith('/') ? path : path + "/");

    private static long Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) => ProcFile.TryFind(text, name, out ulong value) ? (long)value : 0;

    private bool TryReadNumber(ReadOnlySpan<byte> folder, ReadOnlySpan<byte> file, out long value)
    {
        int length = Read(folder, file);
        value = 0;
        return length > 0 && TryParseNumber(_text.AsSpan(0, length), out value);
    }

    private int Read(ReadOnlySpan<byte> folder, ReadOnlySpan<byte> file)
    {
        int length = folder.Length + file.Length;
        if (length >= _path.Length)
        {
            return -1;
        }

        folder.CopyTo(_path);
        file.CopyTo(_path.AsSpan(folder.Length));
        _path[length] = 0;
        return SmallFile.TryRead(_path.AsSpan(0, length + 1), _text);
    }
}
