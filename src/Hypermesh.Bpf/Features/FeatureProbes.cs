using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf;

/// <summary>How each feature is tried: with the smallest map, program or call that needs it. The answer is at least 0, or the negative errno.</summary>
internal static unsafe class FeatureProbes
{
    private const int BadDescriptor = -1;

    internal static long Try(IKernel kernel, BpfFeature feature) => feature switch
    {
        BpfFeature.KernelBtf => Close(kernel, kernel.Open(KernelBtf.Path, FileFlags.ReadOnly | FileFlags.CloseOnExec)),
        BpfFeature.Btf => Close(kernel, BtfCalls.TryLoad(kernel, ProbeTypes.OneInteger())),
        BpfFeature.ObjectNames => TryName(kernel),
        BpfFeature.GlobalData => TryGlobalData(kernel),
        BpfFeature.MappableArrays => Close(kernel, Create(kernel, BpfMapType.Array, 4, 4, 1, MapFlags.Mappable)),
        BpfFeature.BatchOperations => TryBatch(kernel),
        BpfFeature.RingBuffer => Close(kernel, Create(kernel, BpfMapType.RingBuf, 0, 0, (uint)Environment.SystemPageSize, MapFlags.None)),
        BpfFeature.TaskStorageInTracing => TaskStorageProbe.Try(kernel),
        BpfFeature.MemoryAccounting => TryMemoryAccounting(kernel),
        BpfFeature.PerfEventLink => TryLink(kernel, BpfAttachType.PerfEvent),
        BpfFeature.Link => TryLink(kernel, BpfAttachType.CGroupInetIngress),
        BpfFeature.TaskStorage => TaskStorageProbe.TryMap(kernel),
        BpfFeature.HashTake => TryTake(kernel),
        BpfFeature.SyscallProgram => Close(kernel, Load(
            kernel, BpfProgramType.Syscall, [ProbeCode.Move(0, 0), ProbeCode.Exit()], flags: ProgramLoadFlags.Sleepable)),
        BpfFeature.LoopHelper => TryHelper(kernel, "BPF_FUNC_loop"),
        BpfFeature.TcxLink => TryTcx(kernel),
        _ => throw new ArgumentOutOfRangeException(nameof(feature), feature, "Not a feature."),
    };

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

    private static long Create(IKernel kernel, BpfMapType type, uint key, uint value, uint entries, MapFlags flags)
    {
        MapCreateAttr attributes = default;
        attributes.MapType = (uint)type;
        attributes.KeySize = key;
        attributes.ValueSize = value;
        attributes.MaxEntries = entries;
        attributes.MapFlags = (uint)flags;
        return kernel.Bpf(BpfCommand.MapCreate, &attributes, (uint)sizeof(MapCreateAttr));
    }

    private static long TryName(IKernel kernel)
        => Close(kernel, Load(kernel, BpfProgramType.SocketFilter, [ProbeCode.Move(0, 0), ProbeCode.Exit()], name: "probe"));

    // A program that takes the address of a value of a map.
    private static long TryGlobalData(IKernel kernel)
    {
        long map = Create(kernel, BpfMapType.Array, 4, 32, 1, MapFlags.None);
        if (map < 0)
        {
            return map;
        }

        using var handle = new BpfHandle(kernel, map);
        return Close(kernel, Load(
            kernel, BpfProgramType.SocketFilter,
            [.. ProbeCode.LoadMapValue(1, (int)map, 16), ProbeCode.Store(1, 0, 42), ProbeCode.Move(0, 0), ProbeCode.Exit()]));
    }

    private static long TryBatch(IKernel kernel)
    {
        long map = Create(kernel, BpfMapType.Hash, 4, 4, 1, MapFlags.None);
        if (map < 0)
        {
            return map;
        }

        using var handle = new BpfHandle(kernel, map);
        ulong cursor, key, value;
        MapBatchAttr attributes = default;
        attributes.MapFd = (uint)map;
        attributes.OutBatch = (ulong)&cursor;
        attributes.Keys = (ulong)&key;
        attributes.Values = (ulong)&value;
        attributes.Count = 1;
        long result = kernel.Bpf(BpfCommand.MapLookupBatch, &attributes, (uint)sizeof(MapBatchAttr));

        // The map is empty: to have come to its end is to have understood the command.
        return result == -Errno.ENOENT ? 0 : result;
    }

    // bpf_ktime_get_coarse_ns (helper 160) came with memory accounting, 5.11; libbpf tells the two eras apart by it too.
    private static long TryMemoryAccounting(IKernel kernel)
        => Close(kernel, Load(kernel, BpfProgramType.SocketFilter, [ProbeCode.Call(160), ProbeCode.Move(0, 0), ProbeCode.Exit()]));

    // A kernel that knows the command looks the bad descriptors up first (EBADF); one that knows not the kind of link says EINVAL.
    private static long TryLink(IKernel kernel, BpfAttachType type)
    {
        BpfProgramType programType = type == BpfAttachType.PerfEvent ? BpfProgramType.Tracepoint : BpfProgramType.CGroupSkb;
        long program = Load(kernel, programType, [ProbeCode.Move(0, 1), ProbeCode.Exit()]);
        if (program < 0)
        {
            return program;
        }

        using var handle = new BpfHandle(kernel, program);
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetFd = unchecked((uint)BadDescriptor);
        attributes.AttachType = (uint)type;
        long result = KernelLink.TryCreate(kernel, ref attributes);
        return result == -Errno.EBADF ? 0 : Close(kernel, result);
    }

    // The map is empty: not to find the key is to have understood the command.
    private static long TryTake(IKernel kernel)
    {
        long map = Create(kernel, BpfMapType.Hash, 4, 4, 1, MapFlags.None);
        if (map < 0)
        {
            return map;
        }

        using var handle = new BpfHandle(kernel, map);
        uint key = 0, value;
        MapElementAttr attributes = default;
        attributes.MapFd = (uint)map;
        attributes.Key = (ulong)&key;
        attributes.Value = (ulong)&value;
        long result = kernel.Bpf(BpfCommand.MapLookupAndDeleteElement, &attributes, (uint)sizeof(MapElementAttr));
        return result == -Errno.ENOENT ? 0 : result;
    }

    // A helper that wants a callback wants an object's types too, so it is not called: the kernel's own list of helpers names it.
    private static long TryHelper(IKernel kernel, string name)
    {
        try
        {
            using KernelBtf types = KernelBtf.Acquire(kernel);
            int helpers = types.Types.Find("bpf_func_id", BtfKind.Enum);
            BtfType list = types.Types[helpers];
            for (int i = 0; helpers != 0 && i < list.Length; i++)
            {
                if (types.Types.GetString(list.EnumValue(i).NameOffset) == name)
                {
                    return 0;
                }
            }

            return -Errno.ENOENT;
        }
        catch (BpfSyscallException reason)
        {
            return -reason.Errno;
        }
    }

    // A kernel that knows the link looks for the device, which no number is; one that does not says EINVAL.
    private static long TryTcx(IKernel kernel)
    {
        long program = Load(kernel, BpfProgramType.SchedCls, [ProbeCode.Move(0, 0), ProbeCode.Exit()]);
        if (program < 0)
        {
            return program;
        }

        using var handle = new BpfHandle(kernel, program);
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetIfindex = int.MaxValue;
        attributes.AttachType = (uint)BpfAttachType.TcxIngress;
        long result = KernelLink.TryCreate(kernel, ref attributes);
        return result == -Errno.ENODEV ? 0 : Close(kernel, result);
    }
}
