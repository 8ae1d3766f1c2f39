using System.Text;

namespace Hypermesh.Bpf;

/// <summary>Names and lists of a link: read by asking once more, with a place for them.</summary>
internal static unsafe class LinkInfoBuffers
{
    /// <summary>Puts a buffer's address and size where the kind of link has them.</summary>
    internal delegate void Place(ref RawLinkInfo info, ulong buffer, uint size);

    /// <summary>A text of at most <paramref name="size"/> bytes with its end; empty where the kernel gives none. A longer one is cut, as the kernel cuts it.</summary>
    internal static string ReadText(BpfHandle link, uint size, Place place)
    {
        if (size == 0)
        {
            return "";
        }

        byte[] buffer = new byte[size];
        fixed (byte* start = buffer)
        {
            RawLinkInfo info = default;
            place(ref info, (ulong)start, size);
            ObjectInfo.Link(link, ref info, tolerated: Errno.ENOSPC);
        }

        int end = buffer.AsSpan().IndexOf((byte)0);
        return Encoding.UTF8.GetString(buffer, 0, end < 0 ? buffer.Length : end);
    }

    /// <summary>Numbers, as many as the kernel said there are.</summary>
    internal static ulong[] ReadNumbers(BpfHandle link, uint count, Place place)
    {
        ulong[] numbers = new ulong[count];
        if (count == 0)
        {
            return numbers;
        }

        fixed (ulong* start = numbers)
        {
            RawLinkInfo info = default;
            place(ref info, (ulong)start, count);
            ObjectInfo.Link(link, ref info, tolerated: 0);
        }

        return numbers;
    }
}
