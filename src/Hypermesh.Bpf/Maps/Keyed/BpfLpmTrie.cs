namespace Hypermesh.Bpf;

/// <summary>
/// A trie of prefixes, such as a routing table (<c>BPF_MAP_TYPE_LPM_TRIE</c>, 4.11). Reading finds the longest prefix that fits the key; writing and removing are of
/// exactly that prefix.
/// </summary>
/// <typeparam name="TKey">The key's type, laid out as the C has it: its first 4 bytes are the prefix's length in bits. <see cref="LpmKey{TData}"/> is one.</typeparam>
/// <typeparam name="TValue">The value's type, laid out as the C has it.</typeparam>
public sealed class BpfLpmTrie<TKey, TValue> : BpfKeyedMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfLpmTrie(BpfMapDescriptor descriptor)
        : base(descriptor, BpfMapType.LpmTrie)
    {
    }
}
