using System.Buffers.Binary;

namespace Hypermesh.Bpf.Interop;

/// <summary>The capabilities that the SDK uses, by their bit in <c>CapEff</c>.</summary>
[Flags]
internal enum Capabilities : ulong
{
    None = 0,
    NetAdmin = 1ul << 12,
    SysAdmin = 1ul << 21,
    SysResource = 1ul << 24,
    Syslog = 1ul << 34,
    PerfMon = 1ul << 38,
    Bpf = 1ul << 39,
}

/// <summary>The sets that capset(2) takes: effective, permitted and inheritable, the low halves of all three before the high ones.</summary>
internal static class CapabilitySets
{
    internal const int Size = 24;

    /// <summary>Writes effective and permitted sets with the given capabilities, and an empty inheritable set.</summary>
    internal static void Write(Span<byte> sets, Capabilities held)
    {
        sets[..Size].Clear();
        for (int half = 0; half < 2; half++)
        {
            uint bits = (uint)((ulong)held >> (32 * half));
            BinaryPrimitives.WriteUInt32LittleEndian(sets[(12 * half)..], bits);
            BinaryPrimitives.WriteUInt32LittleEndian(sets[((12 * half) + 4)..], bits);
        }
    }
}
