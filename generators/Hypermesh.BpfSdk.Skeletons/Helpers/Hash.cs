using System.Security.Cryptography;
using System.Text;

namespace Hypermesh.BpfSdk.Skeletons.Helpers;

/// <summary>SHA-256 as lower-case hexadecimal text.</summary>
internal static class Hash
{
    /// <summary>The hash of a text.</summary>
    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>The hash of bytes.</summary>
    public static string Of(byte[] bytes)
    {
        using SHA256 sha = SHA256.Create();
        return string.Concat(sha.ComputeHash(bytes).Select(static b => b.ToString("x2")));
    }
}
