using System.Buffers.Text;

namespace Hypermesh.Bpf.Interop;

/// <summary>One of the several hundred thousand lines of <c>/proc/kallsyms</c>: <c>ffffffff81000000 T _text</c> and, after a tab, the module.</summary>
internal readonly ref struct KernelSymbol
{
    internal const string Path = "/proc/kallsyms";

    private KernelSymbol(ulong address, byte kind, ReadOnlySpan<byte> name)
    {
        Address = address;
        Kind = kind;
        Name = name;
    }

    /// <summary>The address; also 0 if the kernel hides addresses from this process.</summary>
    internal ulong Address { get; }

    /// <summary>The type letter as in <c>nm</c>: <c>T</c> code, <c>D</c> data; lower case for local symbols.</summary>
    internal byte Kind { get; }

    internal ReadOnlySpan<byte> Name { get; }

    internal static bool TryRead(ReadOnlySpan<byte> line, out KernelSymbol symbol)
    {
        symbol = default;
        if (!Utf8Parser.TryParse(line, out ulong address, out int used, 'x') || line.Length < used + 4)
        {
            return false;
        }

        ReadOnlySpan<byte> name = line[(used + 3)..];
        int end = name.IndexOfAny((byte)'\t', (byte)' ');
        symbol = new KernelSymbol(address, line[used + 1], end < 0 ? name : name[..end]);
        return true;
    }
}
