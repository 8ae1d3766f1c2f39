using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Features;

/// <summary>The calls that probe features with the smallest map and program. Each returns a descriptor, or the negative errno.</summary>
internal static unsafe class FeatureAttempt
{
    /// <summary>Closes what an attempt created, and returns its result unchanged.</summary>
    internal static long Close(IKernel kernel, long result)
    {
        if (result >= 0)
        {
            kernel.Close((int)result);
        }

        return result;
    }

    internal static long Load(IKernel kernel, BpfProgramType type, BpfInstruction[] code, string? name = null, BpfAttachType attach = 0, int attachBtfId = 0, ProgramLoadFlags flags = 0)
    {
        fixed (byte* instructions = ProbeCode.Bytes(code), license = "Dual BSD/GPL\0"u8)
        {
            ProgramLoadAttr attributes = default;
            attributes.ProgType = (uint)type;
            attributes.Insns = (ulong)instructions;
            attributes.InsnCnt = (uint)code.Length;
            attributes.License = (ulong)license;
            attributes.ProgFlags = (uint)flags;
            attributes.ExpectedAttachType = (uint)attach;
            attributes.AttachBtfId = (uint)attachBtfId;
            if (name is not null)
            {
                ObjectNames.Write(name, new Span<byte>(attributes.ProgName, 16));
            }

            return kernel.Bpf(BpfCommand.ProgramLoad, &attributes, (uint)sizeof(ProgramLoadAttr));
        }
    }

    internal static long Create(IKernel kernel, BpfMapType type, uint key, uint value, uint entries, BpfMapFlags flags)
    {
        MapCreateAttr attributes = default;
        attributes.MapType = (uint)type;
        attributes.KeySize = key;
        attributes.ValueSize = value;
        attributes.MaxEntries = entries;
        attributes.MapFlags = (uint)flags;
        return kernel.Bpf(BpfCommand.MapCreate, &attributes, (uint)sizeof(MapCreateAttr));
    }
}
