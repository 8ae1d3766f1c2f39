using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A few instructions by name, enough for the programs of these tests.</summary>
internal static class Code
{
    internal const int MapLookup = 1;
    internal const int RingOutput = 130;

    internal static BpfInstruction Move(byte register, int value) => new(0xb7, register, 0, 0, value);

    internal static BpfInstruction Copy(byte to, byte from) => new(0xbf, to, from, 0, 0);

    internal static BpfInstruction Add(byte register, int value) => new(0x07, register, 0, 0, value);

    internal static BpfInstruction Load(byte to, byte from, short offset) => new(0x79, to, from, offset, 0);

    internal static BpfInstruction Store(byte to, short offset, byte from) => new(0x7b, to, from, offset, 0);

    internal static BpfInstruction StoreWord(byte to, short offset, int value) => new(0x62, to, 0, offset, value);

    internal static BpfInstruction SkipIfZero(byte register, short instructions) => new(0x15, register, 0, instructions, 0);

    internal static BpfInstruction Call(int helper) => new(BpfOpCode.Call, 0, 0, 0, helper);

    internal static BpfInstruction Exit() => new(BpfOpCode.Exit, 0, 0, 0, 0);

    internal static BpfInstruction[] LoadMap(byte register, BpfMapHandle map) =>
        [new(BpfOpCode.LoadImmediate64, register, BpfOpCode.PseudoMap, 0, (int)map.Handle.DangerousGetHandle()), default];

    /// <summary>Puts the context's first 8 bytes and a constant into the ring, and returns what the helper said.</summary>
    internal static BpfInstruction[] OutputContext(BpfMapHandle ring) =>
    [
        Load(2, 1, 0),
        Store(10, -16, 2),
        Move(2, 42),
        Store(10, -8, 2),
        .. LoadMap(1, ring),
        Copy(2, 10),
        Add(2, -16),
        Move(3, 16),
        Move(4, 0),
        Call(RingOutput),
        Exit(),
    ];

    /// <summary>Adds one to the first element of an array of 8-byte counters.</summary>
    internal static BpfInstruction[] CountInto(BpfMapHandle array) =>
    [
        StoreWord(10, -4, 0),
        .. LoadMap(1, array),
        Copy(2, 10),
        Add(2, -4),
        Call(MapLookup),
        SkipIfZero(0, 3),
        Load(1, 0, 0),
        Add(1, 1),
        Store(0, 0, 1),
        Move(0, 0),
        Exit(),
    ];

    internal static ReadOnlySpan<byte> Bytes(this BpfInstruction[] code) => MemoryMarshal.AsBytes<BpfInstruction>(code);
}
