using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>A file of procfs, sysfs or cgroupfs that is kept open and read again and again without allocating.</summary>
internal sealed class ProcFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private byte[] _text;

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">The file does not exist or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    internal ProcFile(string path, int expectedLength = 16 * 1024)
    {
        Path = path;
        _file = File.OpenHandle(path);
        _text = new byte[expectedLength];
    }

    internal string Path { get; }

    public void Dispose() => _file.Dispose();

    /// <summary>Opens a file that the kernel may not have; null then.</summary>
    internal static ProcFile? TryOpen(string path, int expectedLength = 16 * 1024)
    {
        try
        {
            return new ProcFile(path, expectedLength);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the whole file. The text is valid until the next call.</summary>
    /// <exception cref="BpfException">The file cannot be read any more.</exception>
    internal ReadOnlySpan<byte> Read()
    {
        try
        {
            int length = 0;
            while (true)
            {
                int read = RandomAccess.Read(_file, _text.AsSpan(length), length);
                if (read == 0)
                {
                    return _text.AsSpan(0, length);
                }

                length += read;
                if (length == _text.Length)
                {
                    Array.Resize(ref _text, _text.Length * 2);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BpfException($"{Path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Returns the whole file, or nothing where it cannot be read any more: a cgroup or a device may be gone.</summary>
    internal bool TryRead(out ReadOnlySpan<byte> text)
    {
        try
        {
            text = Read();
            return true;
        }
        catch (BpfException)
        {
            text = default;
            return false;
        }
    }

    /// <summary>Finds the first number after a name at the beginning of a line: <c>ctxt 123</c>.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ulong value)
    {
        while (!text.IsEmpty)
        {
            // A line without its end is not complete.
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? default : text[..end];
            if (line.StartsWith(name) && line.Length > name.Length && line[name.Length] is (byte)' ' or (byte)':')
            {
                return TryNumber(line[(name.Length + 1)..], out value);
            }

            text = end < 0 ? default : text[(end + 1)..];
        }

        value = 0;
        return false;
    }

    /// <summary>Parses the first number of a text, after blanks.</summary>
    internal static bool TryNumber(ReadOnlySpan<byte> text, out ulong value)
    {
        text = text.TrimStart(" \t"u8);
        return Utf8Parser.TryParse(text, out value, out int used) && (used == text.Length || text[used] is (byte)' ' or (byte)'\t' or (byte)'\n');
    }
}
