using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Hypermesh.Bpf.Monitoring.Kernel;

/// <summary>The kernel's own count of context switches: <c>ctxt</c> of <c>/proc/stat</c>. Kept open, and read again without allocating.</summary>
internal sealed class SwitchCount : IDisposable
{
    private const string Path = "/proc/stat";

    private readonly SafeFileHandle _file = File.OpenHandle(Path);
    private byte[] _text = new byte[16 * 1024];

    public void Dispose() => _file.Dispose();

    internal ulong Read()
    {
        int length = 0;
        while (true)
        {
            int read = RandomAccess.Read(_file, _text.AsSpan(length), length);
            length += read;
            if (TryFind(_text.AsSpan(0, length), out ulong count))
            {
                return count;
            }

            if (read == 0)
            {
                throw new BpfException($"{Path} has no line \"ctxt\".");
            }

            // The line of interrupts before it grows with the machine.
            if (length == _text.Length)
            {
                Array.Resize(ref _text, _text.Length * 2);
            }
        }
    }

    /// <summary>The figure of the line; false unless the line is there to its end.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> text, out ulong count)
    {
        ReadOnlySpan<byte> name = "\nctxt "u8;
        int at = text.IndexOf(name);
        if (at >= 0)
        {
            ReadOnlySpan<byte> figure = text[(at + name.Length)..];
            int end = figure.IndexOf((byte)'\n');
            if (end > 0)
            {
                return Utf8Parser.TryParse(figure[..end], out count, out int used) && used == end;
            }
        }

        count = 0;
        return false;
    }
}
