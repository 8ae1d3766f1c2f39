using System.Buffers.Binary;

namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>
/// The value of the map <c>__bpf_usdt_specs</c>: what <c>usdt.bpf.h</c> reads a probe's arguments by (<c>struct __bpf_usdt_spec</c>, little-endian).
/// The header of libbpf 1.7 brought room for an index register; compilers lay its structure out larger than that of the headers before, so the size tells which
/// of the two an object was compiled with.
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

    /// <summary>The layout of an object's map.</summary>
    /// <param name="valueSize">The size of the map's values.</param>
    /// <returns>The layout, null where it is of no header that is known.</returns>
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
                $"{what} has an argument at an indexed address; compile the object with usdt.bpf.h of libbpf 1.7 or newer, whose programs can read those", what, null);
            BinaryPrimitives.WriteUInt16LittleEndian(at.Slice(index), (ushort)(argument.Index | (argument.ScaleShift << ShiftBits)));
        }

        BinaryPrimitives.WriteInt16LittleEndian(at.Slice(_register), (short)argument.Register);
        at[_register + 2] = argument.IsSigned ? (byte)1 : (byte)0;
        at[_register + 3] = (byte)(WordBits - (argument.Size * 8));
    }
}

/// <summary>One place of a static probe, as the kernel wants it.</summary>
/// <param name="Address">The address of its instruction, as the file says it is loaded.</param>
/// <param name="FileOffset">Its instruction in the file.</param>
/// <param name="SemaphoreOffset">The counter in the file, 0 without.</param>
/// <param name="Arguments">Where its arguments are.</param>
internal readonly record struct UsdtTarget(ulong Address, ulong FileOffset, ulong SemaphoreOffset, string Arguments);
