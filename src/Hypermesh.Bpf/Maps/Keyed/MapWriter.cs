namespace Hypermesh.Bpf.Maps.Keyed;

/// <summary>Writes and removes many entries: by batch (5.6), and one by one where the kernel or the kind of map has no batches.</summary>
internal static unsafe class MapWriter
{
    internal static void Update(BpfMap map, byte* keys, int keySize, byte* values, int valueSize, int count)
    {
        int done = 0;
        while (done < count && !map.Handle.HasNoBatch)
        {
            uint part = (uint)(count - done);
            long result = MapCalls.Batch(map.Handle, BpfCommand.MapUpdateBatch, null, null, keys + ((long)done * keySize), values + ((long)done * valueSize), ref part);
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
            map.Updated(MapCalls.Update(map.Handle, keys + ((long)done * keySize), values + ((long)done * valueSize), UpdateMode.Any), UpdateMode.Any);
        }
    }

    internal static int Remove(BpfMap map, byte* keys, int keySize, int count)
    {
        int removed = 0;
        int done = 0;
        while (done < count && !map.Handle.HasNoBatch)
        {
            uint part = (uint)(count - done);
            long result = MapCalls.Batch(map.Handle, BpfCommand.MapDeleteBatch, null, null, keys + ((long)done * keySize), null, ref part);
            if (result < 0 && IsNoBatch(result))
            {
                break;
            }

            done += (int)part;
            removed += (int)part;
            if (result == -Errno.ENOENT)
            {
                // It stops at a key that is not there.
                done++;
            }
            else if (result < 0 && result != -Errno.EINTR)
            {
                map.ThrowSyscall(BpfCommand.MapDeleteBatch, result, $"Removing entry {done} of {count} from");
            }
        }

        for (; done < count; done++)
        {
            removed += map.WasFound(MapCalls.Delete(map.Handle, keys + ((long)done * keySize)), BpfCommand.MapDeleteElement, "Removing from") ? 1 : 0;
        }

        return removed;
    }

    // What else these mean, the operation on one element says.
    private static bool IsNoBatch(long result) => result is -Errno.EINVAL or -Errno.ENOTSUPP or -Errno.EOPNOTSUPP;
}
