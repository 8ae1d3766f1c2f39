using System.Globalization;

namespace Hypermesh.Bpf.Tool.Requirements;

/// <summary>A version of Linux: two numbers.</summary>
internal readonly record struct KernelVersion(int Major, int Minor) : IComparable<KernelVersion>
{
    public int CompareTo(KernelVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    internal static KernelVersion Parse(string text)
    {
        string[] parts = text.Split('.');
        return new KernelVersion(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
