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

    internal void Write<T>(scoped in T value)
        where T : unmanaged
        => WriteBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Writes several values, with their number.</summary>
    internal void WriteAll<T>(scoped ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Write(values.Length);
        WriteBytes(MemoryMarshal.AsBytes(values));
    }

    internal void Write(string? text)
    {
        if (text is null)
        {
            Write(-1);
            return;
        }

        int length = Encoding.UTF8.GetByteCount(text);
        Write(length);
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
        Write(0);
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
        => MemoryMarshal.Read<T>(ReadBytes(Unsafe.SizeOf<T>()).Span);

    /// <summary>Reads as many values as are wanted.</summary>
    internal void ReadAll<T>(Span<T> into)
        where T : unmanaged
    {
        if (Read<int>() != into.Length)
        {
            throw Unreadable();
        }

        ReadBytes(into.Length * Unsafe.SizeOf<T>()).Span.CopyTo(MemoryMarshal.AsBytes(into));
    }

    internal string? ReadText()
    {
        int length = Read<int>();
        return length < 0 ? null : Encoding.UTF8.GetString(ReadBytes(length).Span);
    }

    /// <summary>Reads a part that was written between <see cref="StateWriter.Begin"/> and <see cref="StateWriter.End"/>.</summary>
    internal ReadOnlyMemory<byte> ReadPart() => ReadBytes(Read<int>());

    private ReadOnlyMemory<byte> ReadBytes(int length)
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
