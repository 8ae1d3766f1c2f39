using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf;

/// <summary>Features of programs and of what they may call.</summary>
internal static class ProgramProbes
{
    internal static Dictionary<BpfFeature, Func<IKernel, long>> All { get; } = new()
    {
        [BpfFeature.ObjectNames] = TryName,
        [BpfFeature.GlobalData] = TryGlobalData,
        [BpfFeature.MemoryAccounting] = TryMemoryAccounting,
        [BpfFeature.SyscallProgram] = static kernel => FeatureProbes.Close(kernel, FeatureProbes.Load(
            kernel, BpfProgramType.Syscall, [ProbeCode.Move(0, 0), ProbeCode.Exit()], flags: ProgramLoadFlags.Sleepable)),
        [BpfFeature.AttachCookie] = static kernel => FeatureProbes.Close(kernel, FeatureProbes.Load(kernel, BpfProgramType.Tracepoint, [ProbeCode.Call(174), ProbeCode.Exit()])),
        [BpfFeature.ContextTags] = ContextTagProbe.Try,
        [BpfFeature.LoopHelper] = static kernel => TryHelper(kernel, "BPF_FUNC_loop"),
    };

    private static long TryName(IKernel kernel)
        => FeatureProbes.Close(kernel, FeatureProbes.Load(kernel, BpfProgramType.SocketFilter, [ProbeCode.Move(0, 0), ProbeCode.Exit()], name: "probe"));

    // A program that takes the address of a value of a map.
    private static long TryGlobalData(IKernel kernel)
    {
        long map = FeatureProbes.Create(kernel, BpfMapType.Array, 4, 32, 1, MapFlags.None);
        if (map < 0)
        {
            return map;
        }

        using var handle = new BpfHandle(kernel, map);
        return FeatureProbes.Close(kernel, FeatureProbes.Load(
            kernel, BpfProgramType.SocketFilter,
            [.. ProbeCode.LoadMapValue(1, (int)map, 16), ProbeCode.Store(1, 0, 42), ProbeCode.Move(0, 0), ProbeCode.Exit()]));
    }

    // bpf_ktime_get_coarse_ns (helper 160) came with memory accounting, 5.11; libbpf tells the two eras apart by it too.
    private static long TryMemoryAccounting(IKernel kernel)
        => FeatureProbes.Close(kernel, FeatureProbes.Load(kernel, BpfProgramType.SocketFilter, [ProbeCode.Call(160), ProbeCode.Move(0, 0), ProbeCode.Exit()]));

    // A helper that wants a callback wants an object's types too, so it is not called: the kernel's own list of helpers names it.
    private static long TryHelper(IKernel kernel, string name)
    {
        try
        {
            using KernelBtf types = KernelBtf.Borrow(kernel);
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
}
