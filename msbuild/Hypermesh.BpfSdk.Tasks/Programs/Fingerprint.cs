using System.Security.Cryptography;
using System.Text;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>Hashes as lower-case hexadecimal text.</summary>
internal static class Fingerprint
{
    /// <summary>The SHA-256 of a text.</summary>
    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Identifies a version of a file without reading it; empty when there is no file.</summary>
    public static string OfFile(string path)
        => path.Length > 0 && new FileInfo(path) is { Exists: true } file ? $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}" : "";

    /// <summary>The SHA-256 of bytes.</summary>
    public static string Of(byte[] bytes)
    {
        using SHA256 sha = SHA256.Create();
        return string.Concat(sha.ComputeHash(bytes).Select(b => b.ToString("x2")));
    }
}
