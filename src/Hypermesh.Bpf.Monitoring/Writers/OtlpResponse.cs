using System.Text;

namespace Hypermesh.Bpf.Monitoring.Writers;

/// <summary>
/// Reads an ExportMetricsServiceResponse: field 1 is partial_success, with rejected_data_points (1) and error_message (2). An answer that is not such a message says nothing.
/// </summary>
internal static class OtlpResponse
{
    internal static (long Rejected, string? Message) Read(ReadOnlySpan<byte> answer)
    {
        long rejected = 0;
        string? message = null;
        while (TryField(ref answer, out int field, out _, out ReadOnlySpan<byte> inner))
        {
            while (field == 1 && TryField(ref inner, out int part, out ulong number, out ReadOnlySpan<byte> text))
            {
                rejected = part == 1 ? (long)Math.Min(number, long.MaxValue) : rejected;
                message = part == 2 && !text.IsEmpty ? Encoding.UTF8.GetString(text) : message;
            }
        }

        return (rejected, message);
    }

    private static bool TryField(ref ReadOnlySpan<byte> from, out int field, out ulong number, out ReadOnlySpan<byte> content)
    {
        field = 0;
        number = 0;
        content = default;
        if (!TryVarint(ref from, out ulong tag))
        {
            return false;
        }

        field = (int)Math.Min(tag >> 3, int.MaxValue);
        switch (tag & 7)
        {
            case 0:
                return TryVarint(ref from, out number);
            case 1:
                return TryTake(ref from, sizeof(ulong), out content);
            case 2:
                return TryVarint(ref from, out ulong length) && TryTake(ref from, length, out content);
            case 5:
                return TryTake(ref from, sizeof(uint), out content);
            default:
                return false;
        }
    }

    private static bool TryTake(ref ReadOnlySpan<byte> from, ulong length, out ReadOnlySpan<byte> content)
    {
        if (length > (ulong)from.Length)
        {
            content = default;
            return false;
        }

        content = from[..(int)length];
        from = from[(int)length..];
        return true;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> from, out ulong value)
    {
        value = 0;
        for (int i = 0; i < from.Length && i < 10; i++)
        {
            value |= (ulong)(from[i] & 0x7f) << (7 * i);
            if (from[i] < 0x80)
            {
                from = from[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
