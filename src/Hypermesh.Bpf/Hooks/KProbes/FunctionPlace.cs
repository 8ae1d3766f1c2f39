using System.Globalization;

namespace Hypermesh.Bpf;

/// <summary>A function and a byte in it, as sections write it: <c>name</c>, <c>name+16</c>, <c>name+0x10</c>.</summary>
internal readonly record struct FunctionPlace(string Function, ulong Offset)
{
    /// <summary>As the kernel lists it in <c>kprobe_events</c>.</summary>
    internal string Listed => Offset == 0 ? Function : string.Create(CultureInfo.InvariantCulture, $"{Function}+{Offset}");

    internal static FunctionPlace Parse(string text)
    {
        int plus = text.LastIndexOf('+');
        if (plus <= 0)
        {
            return new FunctionPlace(text, 0);
        }

        ReadOnlySpan<char> number = text.AsSpan(plus + 1);
        bool hexadecimal = number.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(
            hexadecimal ? number[2..] : number, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong offset)
            ? new FunctionPlace(text[..plus], offset)
            : new FunctionPlace(text, 0);
    }

    public override string ToString() => Offset == 0 ? Function : $"{Function}+0x{Offset:x}";
}
