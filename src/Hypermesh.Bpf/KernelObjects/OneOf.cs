namespace Hypermesh.Bpf.KernelObjects;

/// <summary>Names are not unique in the kernel: the number of the only one, or a message with what there is.</summary>
internal static class OneOf
{
    internal static uint Name(string kind, string name, IEnumerable<uint> ids)
    {
        uint[] found = [.. ids];
        return found switch
        {
            [uint id] => id,
            [] => throw new BpfException($"There is no {kind} of the name {name}.", null, name),
            _ => throw new BpfException($"There are {found.Length} of the name {name}; say which {kind} by number: {string.Join(", ", found)}.", null, name),
        };
    }
}
