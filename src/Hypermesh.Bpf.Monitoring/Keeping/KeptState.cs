using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Hypermesh.Bpf.Monitoring.Keeping;

/// <summary>Writes values one after the other into memory of a fixed size. What does not fit is left out, and seen in <see cref="Fits"/>.</summary>
internal ref struct StateWriter(Span<byte> into)
{
    private readonly Span<byte> _into = into;

    /// <summary>The number of bytes that the values take.</summary>
    internal int Length { get; private set; }

    /// <summary>Whether all of them fitted.</summary>
    internal readonly bool Fits => Length <= _into.Length;

    /// <summary>Writes one value, with its size: a struct of another version most often has another one.</summary>
    internal void Write<T>(scoped in T value)
        where T : unmanaged
        => WriteAll(new ReadOnlySpan<T>(in value));

    /// <summary>Writes several values, with the number of their bytes.</summary>
    internal void WriteAll<T>(scoped ReadOnlySpan<T> values)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        WriteLength(bytes.Length);
        WriteBytes(bytes);
    }

    internal void Write(string? text)
    {
        if (text is null)
        {
            WriteLength(-1);
            return;
        }

        int length = Encoding.UTF8.GetByteCount(text);
        WriteLength(length);
        if (Length + length <= _into.Length)
        {
            Encoding.UTF8.GetBytes(text, _into[Length..]);
        }

        Length += length;
    }

    /// <summary>Begins a part that can be skipped; returns where <see cref="End"/> writes its length.</summary>
    internal int Begin()
    {
        int at = Length;
        WriteLength(0);
        return at;
    }

    internal readonly void End(int begun)
    {
        if (Fits)
        {
            int length = Length - begun - sizeof(int);
            MemoryMarshal.Write(_into[begun..], in length);
        }
    }

    private void WriteLength(int length) => WriteBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)));

    private void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length <= _into.Length)
        {
            bytes.CopyTo(_into[Length..]);
        }

        Length += bytes.Length;
    }
}

/// <summary>Reads what a <see cref="StateWriter"/> has written.</summary>
/// <exception cref="InvalidDataException">Thrown by all reads: there are no such values.</exception>
internal sealed class StateReader(ReadOnlyMemory<byte> from)
{
    private ReadOnlyMemory<byte> _rest = from;

    internal bool IsAtEnd => _rest.IsEmpty;

    internal T Read<T>()
        where T : unmanaged
    {
        ReadOnlyMemory<byte> bytes = ReadBytes();
        return bytes.Length == Unsafe.SizeOf<T>() ? MemoryMarshal.Read<T>(bytes.Span) : throw Unreadable();
    }

    /// <summary>Reads as many values as are wanted.</summary>
    internal void ReadAll<T>(Span<T> into)
        where T : unmanaged
    {
        Span<byte> wanted = MemoryMarshal.AsBytes(into);
        ReadOnlyMemory<byte> bytes = ReadBytes();
        if (bytes.Length != wanted.Length)
        {
            throw Unreadable();
        }

        bytes.Span.CopyTo(wanted);
    }

    internal string? ReadText()
    {
        int length = ReadLength();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length).Span);
    }

    internal DateTimeOffset ReadTime()
    {
        long ticks = Read<long>();
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks ? new DateTimeOffset(ticks, TimeSpan.Zero) : throw Unreadable();
    }

    /// <summary>Reads the bytes of values, or of a part that was written between <see cref="StateWriter.Begin"/> and <see cref="StateWriter.End"/>.</summary>
    internal ReadOnlyMemory<byte> ReadBytes() => Take(ReadLength());

    private int ReadLength() => MemoryMarshal.Read<int>(Take(sizeof(int)).Span);

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length < 0 || length > _rest.Length)
        {
            throw Unreadable();
        }

        ReadOnlyMemory<byte> found = _rest[..length];
        _rest = _rest[length..];
        return found;
    }

    private static InvalidDataException Unreadable() => new("The kept state has other values than this version reads.");
}
