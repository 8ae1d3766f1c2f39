using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>A key of a <see cref="BpfLpmTrie{TKey, TValue}"/>: how many leading bits of the data count, and the data, in the order of a packet's bytes.</summary>
/// <typeparam name="TData">The data: of IPv4 4 bytes, of IPv6 16, such as an inline array of bytes.</typeparam>
/// <param name="PrefixLength">How many leading bits count; to look something up, all of them.</param>
/// <param name="Data">The data, most significant byte first whatever the machine.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct LpmKey<TData>(uint PrefixLength, TData Data)
    where TData : unmanaged;
