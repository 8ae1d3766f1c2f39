using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Monitoring.Disk;

/// <summary>Bits of a request's flags that kernels have numbered differently.</summary>
internal static class RequestFlags
{
    // RQF_FLUSH_SEQ was 1 << 4 as long as it was a macro, which BTF does not have. Then it became an enumerator (6.11, and backports), whose enum had no name at first.
    private const int FlushBitOfMacro = 4;

    /// <summary>The bit of requests that are part of a flush.</summary>
    internal static int FlushBit(BtfTypes kernel)
    {
        ReadOnlySpan<byte> name = "__RQF_FLUSH_SEQ"u8;
        for (int id = kernel.FirstId; id < kernel.Count; id++)
        {
            BtfType type = kernel[id];
            for (int i = 0; type.IsEnum && i < type.Length; i++)
            {
                BtfEnumValue value = type.EnumValue(i);
                if (kernel.GetStringBytes(value.NameOffset).SequenceEqual(name))
                {
                    return (int)value.Value;
                }
            }
        }

        return FlushBitOfMacro;
    }
}
