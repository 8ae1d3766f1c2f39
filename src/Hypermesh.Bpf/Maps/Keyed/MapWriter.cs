namespace Hypermesh.Bpf.Maps.Keyed;

/// <summary>Writes and removes many entries: in batches (5.6), or one by one if the kernel or the map type does not support batches.</summary>
internal static unsafe class MapWriter
{
    internal static void Update(BpfMap map, byte* keys, int keySize, byte* values, int valueSize, int count)
    {
        int done = 0;
        while (done < count && !map.MapHandle.HasNoBatch)
        {
            uint part = (uint)(count - done);
            long result = MapCalls.Batch(map.MapHandle, BpfCommand.MapUpdateBatch, null, null, keys + ((long)done * keySize), values + ((long)done * valueSize), ref part);
            if (result < 0 && IsNoBatch(result))
            {
                break;
            }

            done += (int)part;
            if (result < 0 && result != -Errno.EINTR)
            {
                map.ThrowSyscall(BpfCommand.MapUpdateBatch, result, $"Writing entry {done} of {count} into");
            }
        }

        for (; done < count; done++)
        {
            map.Updated(MapCalls.Update(map.MapHandle, keys + ((long)done * keySize), values + ((long)done * valueSize), UpdateMode.Any), UpdateMode.Any);
        }
    }

    internal static int Remove(BpfMap map, byte* keys, int keySize, int count)
    {
        int removed = 0;
        int done = 0;
        while (done < count && !map.MapHandle.HasNoBatch)
        {
            uint part = (uint)(count - done);
            long result = MapCalls.Batch(map.MapHandle, BpfCommand.MapDeleteBatch, null, null, keys + ((long)done * keySize), null, ref part);
            if (result < 0 && IsNoBatch(result))
            {
                break;
            }

            done += (int)part;
            removed += (int)part;
            if (result == -Errno.ENOENT)
            {
                // The batch stops at a missing key.
                done++;
            }
            else if (result < 0 && result != -Errno.EINTR)
            {
                map.ThrowSyscall(BpfCommand.MapDeleteBatch, result, $"Removing entry {done} of {count} from");
            }
        }

        for (; done < count; done++)
        {
            removed += map.WasFound(MapCalls.Delete(map.MapHandle, keys + ((long)done * keySize)), BpfCommand.MapDeleteElement, "Removing from") ? 1 : 0;
        }

        return removed;
    }

    // If they have another cause, the operation on one element reports it.
    private static bool IsNoBatch(long result) => result is -Errno.EINVAL or -Errno.ENOTSUPP or -Errno.EOPNOTSUPP;
}
