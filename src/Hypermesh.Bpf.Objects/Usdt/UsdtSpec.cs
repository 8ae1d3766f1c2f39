using System.Buffers.Binary;

namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>
/// The value of the map <c>__bpf_usdt_specs</c>, from which <c>usdt.bpf.h</c> learns the locations of a probe's arguments (<c>struct __bpf_usdt_spec</c>, little-endian).
/// The header of libbpf 1.7 added space for an index register. Its struct is larger than that of older headers, so the size shows which
/// of the two headers an object was compiled with.
/// </summary>
internal sealed class UsdtSpec
{
    private const int WordBits = 64;
    private const int ShiftBits = 12;

    private static readonly UsdtSpec[] s_layouts =
    [
        new(argumentSize: 16, register: 12, index: null),
        new(argumentSize: 24, register: 14, index: 10),
    ];

    private readonly int _argumentSize;
    private readonly int _register;
    private readonly int? _index;

    private UsdtSpec(int argumentSize, int register, int? index)
    {
        _argumentSize = argumentSize;
        _register = register;
        _index = index;
    }

    private int Size => (UsdtArguments.Most * _argumentSize) + 16;

    /// <summary>Finds the layout for an object's map.</summary>
    /// <param name="valueSize">The size of the map's values.</param>
    /// <returns>The layout, or null when no known header has values of this size.</returns>
    internal static UsdtSpec? OfSize(uint valueSize) => Array.Find(s_layouts, layout => layout.Size == valueSize);

    internal byte[] Write(IReadOnlyList<UsdtArgument> arguments, ulong cookie, string what)
    {
        byte[] spec = new byte[Size];
        for (int i = 0; i < arguments.Count; i++)
        {
            Write(arguments[i], spec.AsSpan(i * _argumentSize, _argumentSize), what);
        }

        Span<byte> end = spec.AsSpan(UsdtArguments.Most * _argumentSize);
        BinaryPrimitives.WriteUInt64LittleEndian(end, cookie);
        BinaryPrimitives.WriteInt16LittleEndian(end.Slice(8), (short)arguments.Count);
        return spec;
    }

    private void Write(UsdtArgument argument, Span<byte> at, string what)
    {
        BinaryPrimitives.WriteInt64LittleEndian(at, argument.Value);
        at[8] = (byte)argument.Kind;
        if (argument.Kind == UsdtArgumentKind.IndexedMemory)
        {
            int index = _index ?? throw new BpfException(
                $"{what} has an argument at an indexed address; compile the object with usdt.bpf.h of libbpf 1.7 or newer, whose programs support those", what, null);
            BinaryPrimitives.WriteUInt16LittleEndian(at.Slice(index), (ushort)(argument.Index | (argument.ScaleShift << ShiftBits)));
        }

        BinaryPrimitives.WriteInt16LittleEndian(at.Slice(_register), (short)argument.Register);
        at[_register + 2] = argument.IsSigned ? (byte)1 : (byte)0;
        at[_register + 3] = (byte)(WordBits - (argument.Size * 8));
    }
}

/// <summary>One location of a static probe, with the offsets that the kernel requires.</summary>
/// <param name="Address">The address of its instruction in the file's segments.</param>
/// <param name="FileOffset">The offset of its instruction in the file.</param>
/// <param name="SemaphoreOffset">The offset of the counter in the file; 0 when there is none.</param>
/// <param name="Arguments">The locations of its arguments.</param>
internal readonly record struct UsdtTarget(ulong Address, ulong FileOffset, ulong SemaphoreOffset, string Arguments);
