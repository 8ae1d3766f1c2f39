using System.Text;

namespace Hypermesh.Bpf.Objects.Errors;

/// <summary>Recognizes the kind of a file that was given instead of an object or of types.</summary>
internal static class FileKind
{
    private const int Looked = 512;

    private static readonly string[] s_beginningsOfC = ["#include", "#define", "#if", "#pragma", "//", "/*", "struct ", "typedef ", "static ", "extern ", "enum "];

    /// <summary>Returns the kind of the file, such as <c>C source</c>; empty when its first bytes are not recognized.</summary>
    public static string Of(ReadOnlySpan<byte> contents)
        => contents.IsEmpty ? "an empty file"
            : Begins(contents, 0x7f, 'E', 'L', 'F') ? "an ELF file"
            : Begins(contents, 'M', 'Z') ? "a .NET assembly or a Windows program"
            : Begins(contents, '!', '<', 'a', 'r', 'c', 'h', '>') ? "an archive of objects"
            : Begins(contents, 0x1f, 0x8b) ? "compressed by gzip"
            : Begins(contents, 0xfd, '7', 'z', 'X', 'Z') ? "compressed by xz"
            : Begins(contents, 0x28, 0xb5, 0x2f, 0xfd) ? "compressed by zstd"
            : TextOf(contents) is not { } text ? ""
            : Array.Exists(s_beginningsOfC, beginning => text.StartsWith(beginning, StringComparison.Ordinal)) ? "C source"
            : "text";

    /// <summary>Returns a sentence such as <c>this is C source, not an ELF file</c>.</summary>
    /// <param name="contents">The file.</param>
    /// <param name="wanted">The expected kind, with <c>not</c> or <c>neither</c>.</param>
    public static string Instead(ReadOnlySpan<byte> contents, string wanted) => Of(contents) is { Length: > 0 } kind ? $"this is {kind}, {wanted}" : $"this is {wanted}";

    private static bool Begins(ReadOnlySpan<byte> contents, params int[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i == contents.Length || contents[i] != bytes[i])
            {
                return false;
            }
        }

        return true;
    }

    // The start of a text, without leading white space; null for other contents.
    private static string? TextOf(ReadOnlySpan<byte> contents)
    {
        ReadOnlySpan<byte> start = contents.Slice(0, Math.Min(contents.Length, Looked));
        foreach (byte one in start)
        {
            if (one is < (byte)' ' and not ((byte)'\t' or (byte)'\n' or (byte)'\r') or 0x7f)
            {
                return null;
            }
        }

        return Encoding.UTF8.GetString(start.ToArray()).TrimStart('\ufeff', ' ', '\t', '\r', '\n');
    }
}
