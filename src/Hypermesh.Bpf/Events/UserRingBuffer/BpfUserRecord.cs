namespace Hypermesh.Bpf;

/// <summary>Room for a record in a <see cref="BpfUserRingBuffer"/>: written, then submitted. Disposing it before discards it, which the programs pass over.</summary>
public unsafe ref struct BpfUserRecord : IDisposable
{
    private readonly MappingUse _use;
    private readonly uint* _header;
    private bool _open;

    internal BpfUserRecord(MappingUse use, uint* header, int size)
    {
        _use = use;
        _header = header;
        _open = true;
        Data = new Span<byte>((byte*)header + UserRingWriter.HeaderSize, size);
    }

    /// <summary>The record's bytes, with whatever was there before; valid until it is submitted or disposed.</summary>
    public Span<byte> Data { get; private set; }

    /// <summary>Gives the record to the programs.</summary>
    /// <exception cref="InvalidOperationException">It was submitted or disposed already.</exception>
    public void Submit()
    {
        if (!_open)
        {
            throw new InvalidOperationException("The record was submitted or disposed already.");
        }

        End(0);
    }

    /// <summary>Discards the record, unless it was submitted.</summary>
    public void Dispose()
    {
        if (_open)
        {
            End(UserRingWriter.Discarded);
        }
    }

    private void End(uint flags)
    {
        uint length = (uint)Data.Length;
        _open = false;
        Data = default;

        // What was written is there before the programs see that it is.
        Volatile.Write(ref *_header, length | flags);
        _use.Dispose();
    }
}
