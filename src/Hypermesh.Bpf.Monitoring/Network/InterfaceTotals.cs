using Hypermesh.Bpf.Monitoring.Keeping;

namespace Hypermesh.Bpf.Monitoring.Network;

/// <summary>What the programs counted in one direction of an interface since the start, on all CPUs.</summary>
internal sealed class DirectionTotals
{
    internal ulong[] Packets { get; } = new ulong[NetworkProtocols.Count];

    internal ulong[] Bytes { get; } = new ulong[NetworkProtocols.Count];

    internal ulong Segments { get; set; }

    internal ulong SegmentBytes { get; set; }

    internal void Clear()
    {
        Array.Clear(Packets);
        Array.Clear(Bytes);
        (Segments, SegmentBytes) = (0, 0);
    }

    internal void Add(in NetworkSkeleton.Direction one)
    {
        for (int i = 0; i < NetworkProtocols.Count; i++)
        {
            Packets[i] += one.Protocols[i].Packets;
            Bytes[i] += one.Protocols[i].Bytes;
        }

        Segments += one.Segments;
        SegmentBytes += one.SegmentBytes;
    }

    internal void Save(ref StateWriter into)
    {
        into.WriteAll<ulong>(Packets);
        into.WriteAll<ulong>(Bytes);
        into.Write(Segments);
        into.Write(SegmentBytes);
    }

    internal void Restore(StateReader from)
    {
        from.ReadAll<ulong>(Packets);
        from.ReadAll<ulong>(Bytes);
        (Segments, SegmentBytes) = (from.Read<ulong>(), from.Read<ulong>());
    }

    /// <summary>Whether any protocol has fewer packets.</summary>
    internal bool IsLessThan(DirectionTotals other)
    {
        for (int i = 0; i < NetworkProtocols.Count; i++)
        {
            if (Packets[i] < other.Packets[i])
            {
                return true;
            }
        }

        return false;
    }

    internal void CopyTo(DirectionTotals other)
    {
        Packets.CopyTo(other.Packets, 0);
        Bytes.CopyTo(other.Bytes, 0);
        (other.Segments, other.SegmentBytes) = (Segments, SegmentBytes);
    }
}

/// <summary>What is known of an interface that the programs have seen, from one reading to the next.</summary>
internal sealed class InterfaceEntry
{
    private byte[] _name = [];

    internal string Name { get; private set; } = "";

    internal DirectionTotals LastReceived { get; } = new();

    internal DirectionTotals LastTransmitted { get; } = new();

    /// <summary>The number of the last reading that had it.</summary>
    internal long Seen { get; set; }

    internal ReadOnlySpan<byte> NameBytes => _name;

    internal void Save(ref StateWriter into)
    {
        into.WriteAll<byte>(_name);
        LastReceived.Save(ref into);
        LastTransmitted.Save(ref into);
    }

    internal void Restore(StateReader from)
    {
        SetName(from.ReadBytes().Span);
        LastReceived.Restore(from);
        LastTransmitted.Restore(from);
    }

    internal void SetName(ReadOnlySpan<byte> name)
    {
        if (!name.IsEmpty && !name.SequenceEqual(_name))
        {
            _name = name.ToArray();
            Name = System.Text.Encoding.UTF8.GetString(name);
        }
    }
}
