using System.Text;

namespace Hypermesh.Bpf.KernelObjects;

/// <summary>Names as the kernel gives them back.</summary>
internal static unsafe class KernelText
{
    internal const int NameSize = 16;

    internal static string Name(byte* name) => Utf8(new ReadOnlySpan<byte>(name, NameSize));

    internal static string Utf8(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }

    /// <summary>True when the kernel, which keeps 15 bytes, may mean this name.</summary>
    internal static bool IsName(string kept, string name) => kept == name || (kept.Length == NameSize - 1 && name.StartsWith(kept, StringComparison.Ordinal));
}
