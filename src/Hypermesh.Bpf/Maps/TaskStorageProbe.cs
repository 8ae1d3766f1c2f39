using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf;

/// <summary>Loads a real program on <c>tp_btf/sched_wakeup</c> that looks a task up in task storage: the map alone is there from 5.11, its use by tracing programs from 5.12.</summary>
internal static class TaskStorageProbe
{
    private const int TaskStorageGet = 156;
    private const uint StorageFlags = (uint)MapFlags.NoPreallocation;

    internal static long Try(IKernel kernel)
    {
        try
        {
            using KernelBtf types = KernelBtf.Borrow(kernel);
            int target = types.Types.Find("btf_trace_sched_wakeup", BtfKind.Typedef);

            long map = Create(kernel);
            if (map < 0)
            {
                return map;
            }

            using var handle = new BpfHandle(kernel, map);
            return FeatureAttempt.Close(kernel, FeatureAttempt.Load(
                kernel, BpfProgramType.Tracing,
                [
                    ProbeCode.Load(2, 1, 0),
                    .. ProbeCode.LoadMap(1, (int)map),
                    ProbeCode.Move(3, 0),
                    ProbeCode.Move(4, 0),
                    ProbeCode.Call(TaskStorageGet),
                    ProbeCode.Move(0, 0),
                    ProbeCode.Exit(),
                ],
                attach: BpfAttachType.TraceRawTracePoint, attachBtfId: target));
        }
        catch (BpfSyscallException reason)
        {
            return -reason.Errno;
        }
    }

    // Storage maps want types for key and value.
    private static long Create(IKernel kernel)
    {
        long loaded = BtfCalls.TryLoad(kernel, ProbeTypes.OneInteger());
        if (loaded < 0)
        {
            return loaded;
        }

        using var btf = new BpfHandle(kernel, loaded);
        return MapCreator.TryCreate(kernel, new BpfMapDefinition("probe", BpfMapType.TaskStorage, 4, 4, 0, StorageFlags) { Btf = btf, KeyTypeId = 1, ValueTypeId = 1 });
    }
}
