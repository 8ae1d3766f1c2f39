using System.Globalization;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation.Symbols;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Compilation.Values;

/// <summary>
/// Shows the IDs of kernel stacks as the functions on them, from the innermost on: members named <c>kstack</c>, of the stacks of built monitors. An address that no symbol covers is shown in hexadecimal.
/// </summary>
internal sealed class KernelStacks
{
    internal const string Member = "kstack";
    internal const string Map = "hypermesh_kstacks";

    private readonly BpfStackTraceMap _map;
    private readonly Lazy<KernelFunctionNames> _functions = new(KernelFunctionNames.Read);

    internal KernelStacks(BpfMapHandle map) => _map = new BpfStackTraceMap(map);

    /// <summary>Replaces the ID of a stack in a key or an event.</summary>
    internal void Resolve(JsonNode? value)
    {
        if (value is JsonObject members && members[Member] is JsonValue number && number.TryGetValue(out long id))
        {
            members[Member] = new JsonArray([.. Frames((int)id).Select(static frame => (JsonNode)frame)]);
        }
    }

    private IEnumerable<string> Frames(int id)
    {
        if (id < 0)
        {
            // EEXIST: another stack has its place in the map.
            return [$"[no stack: {Errno.Name(-id)}]"];
        }

        ulong[] frames = new ulong[_map.MaxDepth];
        return _map.TryGet(id, frames, out int count) ? frames.Take(count).Select(Name).SkipWhile(KernelFunctionNames.IsOfTracing) : ["[no stack: ENOENT]"];
    }

    private string Name(ulong address)
        => _functions.Value.Find(address) is var (name, offset) ? string.Create(CultureInfo.InvariantCulture, $"{name}+{offset}") : $"0x{address:x}";
}
