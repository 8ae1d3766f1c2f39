using System.Text;

namespace Hypermesh.Bpf.KernelObjects;

/// <summary>Names as the kernel returns them.</summary>
internal static unsafe class KernelText
{
    internal const int NameSize = 16;

    internal static string Name(byte* name) => Utf8(new ReadOnlySpan<byte>(name, NameSize));

    internal static string Utf8(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }

    /// <summary>True if a name from the kernel, which keeps 15 bytes, can be this name.</summary>
    internal static bool IsName(string kept, string name) => kept == name || (kept.Length == NameSize - 1 && name.StartsWith(kept, StringComparison.Ordinal));
}
