namespace Hypermesh.Bpf;

/// <summary>
/// Room for a record in a <see cref="BpfUserRingBuffer"/>: written, then submitted. Disposing it before discards it, which the programs pass over. Copies are the same record: once one
/// of them was submitted or disposed, the record is the programs' and no copy reaches it.
/// </summary>
public readonly unsafe ref struct BpfUserRecord : IDisposable
{
    private readonly MappingUse _use;
    private readonly uint* _header;
    private readonly int _size;

    internal BpfUserRecord(MappingUse use, uint* header, int size)
    {
        _use = use;
        _header = header;
        _size = size;
    }

    /// <summary>The record's bytes, with whatever was there before; valid until it is submitted or disposed. Empty where nothing was reserved.</summary>
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
                throw new ObjectDisposedException(nameof(BpfUserRecord), "The record, or a copy of it, was submitted or disposed already.");
            }

            return new Span<byte>((byte*)_header + UserRingWriter.HeaderSize, _size);
        }
    }

    /// <summary>Gives the record to the programs.</summary>
    /// <exception cref="InvalidOperationException">The record, or a copy of it, was submitted or disposed already.</exception>
    public void Submit()
    {
        if (!_use.IsHeld)
        {
            throw new InvalidOperationException("The record, or a copy of it, was submitted or disposed already.");
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
        // What was written is there before the programs see that it is.
        Volatile.Write(ref *_header, (uint)_size | flags);
        _use.Dispose();
    }
}
