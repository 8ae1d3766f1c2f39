using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Features;

/// <summary>The instructions that the probes use.</summary>
internal static class ProbeCode
{
    private const byte MoveImmediate = 0xb7;
    private const byte LoadDouble = 0x79;
    private const byte StoreDoubleImmediate = 0x7a;

    internal static BpfInstruction Move(byte register, int value) => new(MoveImmediate, register, 0, 0, value);

    /// <summary><c>to = *(u64 *)(from + offset)</c></summary>
    internal static BpfInstruction Load(byte to, byte from, short offset) => new(LoadDouble, to, from, offset, 0);

    /// <summary><c>*(u64 *)(to + offset) = value</c></summary>
    internal static BpfInstruction Store(byte to, short offset, int value) => new(StoreDoubleImmediate, to, 0, offset, value);

    internal static BpfInstruction Call(int helper) => new(BpfOpCode.Call, 0, 0, 0, helper);

    internal static BpfInstruction Exit() => new(BpfOpCode.Exit, 0, 0, 0, 0);

    internal static BpfInstruction[] LoadMap(byte register, int descriptor) =>
        [new(BpfOpCode.LoadImmediate64, register, BpfOpCode.PseudoMap, 0, descriptor), default];

    internal static BpfInstruction[] LoadMapValue(byte register, int descriptor, int offset) =>
        [new(BpfOpCode.LoadImmediate64, register, BpfOpCode.PseudoMapValue, 0, descriptor), new(0, 0, 0, 0, offset)];

    internal static ReadOnlySpan<byte> Bytes(BpfInstruction[] code) => MemoryMarshal.AsBytes<BpfInstruction>(code);
}
