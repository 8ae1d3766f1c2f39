using System.Buffers.Text;

namespace Hypermesh.Bpf.Interop;

/// <summary>One line of <c>/proc/kallsyms</c>, of which there are some hundred thousand: <c>ffffffff81000000 T _text</c> and, behind a tab, the module.</summary>
internal readonly ref struct KernelSymbol
{
    internal const string Path = "/proc/kallsyms";

    private KernelSymbol(ulong address, byte kind, ReadOnlySpan<byte> name)
    {
        Address = address;
        Kind = kind;
        Name = name;
    }

    /// <summary>Where it is; 0 too where the kernel hides addresses from this process.</summary>
    internal ulong Address { get; }

    /// <summary>The letter <c>nm</c> has for it: <c>T</c> code, <c>D</c> data, small ones where it is local.</summary>
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
