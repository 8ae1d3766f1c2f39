using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>
/// Decides whether a constant is in the byte order of the machine. Some programs contain the swapped value (<c>0x0008</c> for ETH_P_IP), so a number counts only where
/// its value is more plausible than the swapped value.
/// </summary>
internal static partial class MachineOrder
{
    private const int Small = 0xffff;

    private static readonly HashSet<ulong> s_etherTypes = [0x0800, 0x0806, 0x22f0, 0x8035, 0x8100, 0x86dd, 0x8847, 0x8848, 0x8863, 0x8864, 0x888e, 0x88a8, 0x88cc, 0x88f7];

    private static readonly HashSet<ulong> s_ports =
    [
        20, 21, 22, 23, 25, 53, 67, 68, 69, 80, 88, 110, 111, 123, 137, 138, 139, 143, 161, 162, 179, 389, 443, 445, 465, 514, 546, 547, 587, 636, 853, 873, 989, 990, 993, 995,
        1080, 1194, 1433, 1521, 1883, 2049, 2379, 3128, 3306, 3389, 4789, 5000, 5353, 5432, 5672, 6379, 6443, 8000, 8080, 8443, 9000, 9090, 9092, 9200, 11211, 27017, 50051, 51820,
    ];

    /// <summary>Parses an integer of C; null for a form that is not supported here.</summary>
    public static ulong? Value(string literal)
    {
        string digits = literal.TrimEnd('u', 'U', 'l', 'L');
        bool isHex = IsHexadecimal(digits);
        bool isOctal = !isHex && digits.Length > 1 && digits[0] == '0';
        return !isOctal && ulong.TryParse(isHex ? digits[2..] : digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : null;
    }

    /// <summary>Returns true when the value is the same in both byte orders, or is too large for that many bytes.</summary>
    public static bool IsSameInBoth(ulong value, int bytes) => Turned(value, bytes) is not { } turned || turned == value;

    /// <summary>Returns true when a number is certainly in the machine's byte order.</summary>
    /// <param name="literal">The number as C writes it.</param>
    /// <param name="value">Its value.</param>
    /// <param name="bytes">The size of the other operand.</param>
    public static bool IsCertain(string literal, ulong value, int bytes)
    {
        if (Turned(value, bytes) is not { } turned || turned == value)
        {
            return false;
        }

        bool isHex = IsHexadecimal(literal);
        if (bytes == 2)
        {
            bool isKnown = s_etherTypes.Contains(value) || s_ports.Contains(value);
            bool isKnownTurned = s_etherTypes.Contains(turned) || s_ports.Contains(turned);
            return !isKnownTurned && (isKnown || !isHex);
        }

        return !(bytes == 4 && IsLocalAddress(turned)) && (value <= (isHex ? byte.MaxValue : (ulong)Small) || (bytes == 4 && IsLocalAddress(value)));
    }

    /// <summary>Returns true when the name of a macro says that its value is in network byte order.</summary>
    public static bool IsNamedNetwork(string name) => NetworkName().IsMatch(name);

    // 10/8, 127/8, 169.254/16, 172.16/12 and 192.168/16: addresses that are common in programs.
    private static bool IsLocalAddress(ulong address) => (address >> 24) is 10 or 127 || (address >> 16) is 0xa9fe or 0xc0a8 || (address >> 20) == 0xac1;

    private static bool IsHexadecimal(string literal) => literal.StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private static ulong? Turned(ulong value, int bytes)
    {
        ulong turned = BinaryPrimitives.ReverseEndianness(value) >> (64 - (8 * bytes));
        return bytes == 8 || value >> (8 * bytes) == 0 ? turned : null;
    }

    [GeneratedRegex("(^|_)(BE|BE16|BE32|BE64|NBO|NET|NETWORK|HTONS|HTONL|SWAPPED|SWAP|REV)(_|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NetworkName();
}
