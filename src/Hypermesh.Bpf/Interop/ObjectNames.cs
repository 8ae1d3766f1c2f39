namespace Hypermesh.Bpf.Interop;

/// <summary>Names in the kernel's form: at most 15 bytes of letters, digits, underscore and dot, and a NUL.</summary>
internal static class ObjectNames
{
    internal static void Write(string name, Span<byte> into)
    {
        int length = 0;
        foreach (char c in name)
        {
            if (length == into.Length - 1)
            {
                break;
            }

            into[length++] = char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? (byte)c : (byte)'_';
        }

        into[length..].Clear();
    }
}
