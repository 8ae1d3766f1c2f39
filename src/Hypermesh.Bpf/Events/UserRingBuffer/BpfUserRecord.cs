namespace Hypermesh.Bpf;

/// <summary>
/// Space for a record in a <see cref="BpfUserRingBuffer"/>: write it, then submit it. A record that is disposed without being submitted is discarded, and the programs skip it. Copies are
/// the same record: once one of them is submitted or disposed, the record belongs to the programs and no copy can access it.
/// </summary>
public readonly unsafe ref struct BpfUserRecord : IDisposable
{
    private const string Ended = "The record, or a copy of it, was submitted or disposed already.";

    private readonly MappingUse _use;
    private readonly uint* _header;
    private readonly int _size;

    internal BpfUserRecord(MappingUse use, uint* header, int size)
    {
        _use = use;
        _header = header;
        _size = size;
    }

    /// <summary>The record's bytes, with whatever they held before; valid until the record is submitted or disposed. Empty when nothing was reserved.</summary>
    /// <exception cref="ObjectDisposedException">The record, or a copy of it, was submitted or disposed already.</exception>
    public Span<byte> Data
    {
        get
        {
            if (_header is null)
            {
                return default;
            }

            if (!_use.IsHeld)
            {
                throw new ObjectDisposedException(nameof(BpfUserRecord), Ended);
            }

            return new Span<byte>((byte*)_header + UserRingWriter.HeaderSize, _size);
        }
    }

    /// <summary>Submits the record to the programs.</summary>
    /// <exception cref="InvalidOperationException">The record, or a copy of it, was submitted or disposed already.</exception>
    public void Submit()
    {
        if (!_use.IsHeld)
        {
            throw new InvalidOperationException(Ended);
        }

        End(0);
    }

    /// <summary>Discards the record, unless it, or a copy of it, was submitted.</summary>
    public void Dispose()
    {
        if (_use.IsHeld)
        {
            End(UserRingWriter.Discarded);
        }
    }

    private void End(uint flags)
    {
        // The programs see the data before they see the header.
        Volatile.Write(ref *_header, (uint)_size | flags);
        _use.Dispose();
    }
}
