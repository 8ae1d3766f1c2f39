using System.Buffers.Text;
using System.Text;
using Hypermesh.Bpf.Monitoring.Keeping;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>What the kernel counts at one interface, from <c>/proc/net/dev</c>.</summary>
internal struct InterfaceCounts
{
    internal ulong ReceivedBytes;
    internal ulong ReceivedPackets;
    internal ulong ReceiveErrors;
    internal ulong ReceiveDrops;
    internal ulong TransmittedBytes;
    internal ulong TransmittedPackets;
    internal ulong TransmitErrors;
    internal ulong TransmitDrops;
}

/// <summary>One interface of <c>/proc/net/dev</c>, at this reading and at the one before. The file is read just before and just after the figures that it is compared with.</summary>
internal sealed class KernelInterface(byte[] name)
{
    internal InterfaceCounts Before;
    internal InterfaceCounts After;
    internal InterfaceCounts LastBefore;
    internal InterfaceCounts LastAfter;

    /// <summary>The bytes of the name.</summary>
    internal byte[] NameBytes { get; } = name;

    internal string Name { get; } = Encoding.UTF8.GetString(name);

    /// <summary>True in the reading in which it appeared: how much of its counters belongs to that reading is not known.</summary>
    internal bool IsNew { get; set; }

    /// <summary>The number of the last read that had it.</summary>
    internal long Seen { get; set; }

    /// <summary>Begins a reading.</summary>
    internal void Rotate()
    {
        (LastBefore, LastAfter) = (Before, After);
        IsNew = false;
    }
}

/// <summary>
/// The interfaces of a network namespace and their counters. The file is that of the namespace in which it was opened, whoever reads it. Reading allocates only where an interface is new.
/// </summary>
internal sealed class NetDevFile : IDisposable
{
    private readonly ProcFile _file;
    private readonly List<KernelInterface> _interfaces = [];
    private long _read;

    /// <summary>Opens the file of the calling thread's namespace.</summary>
    /// <exception cref="IOException">There is no such file.</exception>
    internal NetDevFile(string procFs) => _file = new ProcFile(Path.Combine(procFs, "thread-self/net/dev"));

    /// <summary>The interfaces, in the kernel's order.</summary>
    internal List<KernelInterface> Interfaces => _interfaces;

    public void Dispose() => _file.Dispose();

    /// <summary>Begins a reading: what was read last becomes the former counters.</summary>
    internal void ReadBefore()
    {
        foreach (KernelInterface one in _interfaces)
        {
            one.Rotate();
        }

        Read(static (one, counts) => one.Before = one.After = counts);
    }

    /// <summary>Reads the counters again, after the figures that are compared. Interfaces that are gone are removed.</summary>
    internal void ReadAfter()
    {
        Read(static (one, counts) => one.After = counts);
        for (int i = _interfaces.Count - 1; i >= 0; i--)
        {
            if (_interfaces[i].Seen < _read)
            {
                _interfaces.RemoveAt(i);
            }
        }
    }

    internal void Save(ref StateWriter into)
    {
        into.Write(_interfaces.Count);
        foreach (KernelInterface one in _interfaces)
        {
            into.WriteAll<byte>(one.NameBytes);
            into.Write(one.Before);
            into.Write(one.After);
        }
    }

    /// <summary>Takes over the counters that another process has read last.</summary>
    internal void Restore(StateReader from)
    {
        _interfaces.Clear();
        for (int left = from.Read<int>(); left > 0; left--)
        {
            _interfaces.Add(new KernelInterface(from.ReadBytes().ToArray()) { Before = from.Read<InterfaceCounts>(), After = from.Read<InterfaceCounts>() });
        }
    }

    /// <summary>Finds an interface by the bytes of its name; null when there is none.</summary>
    internal KernelInterface? Find(ReadOnlySpan<byte> name)
    {
        foreach (KernelInterface one in _interfaces)
        {
            if (name.SequenceEqual(one.NameBytes))
            {
                return one;
            }
        }

        return null;
    }

    /// <summary>Finds an interface by its name; null when there is none.</summary>
    internal KernelInterface? FindName(string name)
    {
        foreach (KernelInterface one in _interfaces)
        {
            if (one.Name == name)
            {
                return one;
            }
        }

        return null;
    }

    /// <summary>Takes the next interface from the text; false at its end.</summary>
    internal static bool TryNext(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> name, out InterfaceCounts counts)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            int colon = line.IndexOf((byte)':');
            if (colon > 0 && TryCounts(line[(colon + 1)..], out counts))
            {
                name = line[..colon].TrimStart((byte)' ');
                return true;
            }
        }

        name = default;
        counts = default;
        return false;
    }

    // bytes packets errs drop fifo frame compressed multicast, then bytes packets errs drop fifo colls carrier compressed.
    private static bool TryCounts(ReadOnlySpan<byte> line, out InterfaceCounts counts)
    {
        Span<ulong> all = stackalloc ulong[12];
        counts = default;
        for (int i = 0; i < all.Length; i++)
        {
            line = line.TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(line, out all[i], out int length))
            {
                return false;
            }

            line = line[length..];
        }

        counts = new InterfaceCounts
        {
            ReceivedBytes = all[0], ReceivedPackets = all[1], ReceiveErrors = all[2], ReceiveDrops = all[3],
            TransmittedBytes = all[8], TransmittedPackets = all[9], TransmitErrors = all[10], TransmitDrops = all[11],
        };
        return true;
    }

    private void Read(Action<KernelInterface, InterfaceCounts> take)
    {
        _read++;
        ReadOnlySpan<byte> text = _file.Read();
        for (int next = 0; TryNext(ref text, out ReadOnlySpan<byte> name, out InterfaceCounts counts); next++)
        {
            // The order stays the same while no interface comes or goes.
            KernelInterface? found = next < _interfaces.Count && name.SequenceEqual(_interfaces[next].NameBytes) ? _interfaces[next] : Find(name);
            if (found is null)
            {
                _interfaces.Insert(Math.Min(next, _interfaces.Count), found = new KernelInterface(name.ToArray()) { IsNew = true });
            }

            found.Seen = _read;
            take(found, counts);
        }
    }
}
