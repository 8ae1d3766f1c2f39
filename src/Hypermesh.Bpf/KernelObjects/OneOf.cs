namespace Hypermesh.Bpf.KernelObjects;

/// <summary>Finds the only object with a name, since names are not unique in the kernel; otherwise throws with a list of the IDs.</summary>
internal static class OneOf
{
    internal static uint Name(string kind, string name, IEnumerable<uint> ids)
    {
        uint[] found = [.. ids];
        return found switch
        {
            [uint id] => id,
            [] => throw new BpfException($"There is no {kind} with the name {name}: check the name, of which the kernel keeps 15 characters.", null, name),
            _ => throw new BpfException($"{found.Length} objects of kind {kind} have the name {name}. Use one of the IDs {string.Join(", ", found)}.", null, name),
        };
    }
}
