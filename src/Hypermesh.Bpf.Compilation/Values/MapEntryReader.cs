using System.Runtime.InteropServices;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Compilation.Values;

/// <summary>Enumerates the entries of a map of any type with keys, as bytes.</summary>
internal static unsafe class MapEntryReader
{
    private static readonly HashSet<BpfMapType> s_perCpu =
    [
        BpfMapType.PerCpuHash, BpfMapType.PerCpuArray, BpfMapType.LruPerCpuHash, BpfMapType.PerCpuCGroupStorageDeprecated,
    ];

    internal static bool IsPerCpu(BpfMapType type) => s_perCpu.Contains(type);

    /// <summary>Calls <paramref name="visit"/> with each key and its value; a value that cannot be read is empty, with its errno.</summary>
    /// <returns>0, or the errno of the failed step.</returns>
    internal static int Visit(BpfMapHandle map, Func<byte[], byte[], int, bool> visit)
    {
        int stride = (map.ValueSize + 7) & ~7;
        byte[] value = new byte[IsPerCpu(map.Type) ? stride * PossibleCpus.Current.Count : Math.Max(stride, sizeof(ulong))];
        return VisitKeys(map, key =>
        {
            value.AsSpan().Clear();
            fixed (byte* at = key, into = value)
            {
                long found = MapCalls.Lookup(map, at, into);
                return visit(key, found < 0 ? [] : value, (int)Math.Max(0, -found));
            }
        });
    }

    /// <summary>Calls <paramref name="visit"/> with each key, until it returns false.</summary>
    /// <returns>0, or the errno of the failed step.</returns>
    internal static int VisitKeys(BpfMapHandle map, Func<byte[], bool> visit)
    {
        byte[] key = new byte[Math.Max(1, map.KeySize)];
        byte[] next = new byte[key.Length];
        bool first = true;
        while (true)
        {
            fixed (byte* from = key, to = next)
            {
                long result = MapCalls.NextKey(map, first ? null : from, to);
                if (result < 0)
                {
                    return result == -Errno.ENOENT ? 0 : (int)-result;
                }
            }

            if (!visit(next))
            {
                return 0;
            }

            (key, next) = (next, key);
            first = false;
        }
    }

    /// <summary>Returns one CPU's part of a per-CPU value.</summary>
    internal static ReadOnlySpan<byte> OfCpu(ReadOnlySpan<byte> value, int slot, int size) => value.Slice(slot * ((size + 7) & ~7), size);
}
