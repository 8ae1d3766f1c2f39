using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Compilation.Values;

/// <summary>
/// Shows the IDs of kernel stacks as the functions on them, from the innermost on: members named <c>kstack</c>, of stacks in the map <c>stacks</c>. An address that no symbol covers is shown in hexadecimal.
/// </summary>
internal sealed class KernelStacks
{
    internal const string Member = "kstack";
    internal const string Map = "stacks";

    private static readonly string[] s_tracing = ["bpf_prog_", "bpf_trace_run", "bpf_trampoline_", "trace_call_bpf", "__bpf_trace_", "__traceiter_", "perf_trace_", "trace_event_"];

    private readonly BpfStackTraceMap _map;
    private readonly Lazy<(ulong[] Addresses, string[] Names)> _symbols = new(ReadSymbols);

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
        return _map.TryGet(id, frames, out int count) ? frames.Take(count).Select(Name).SkipWhile(IsOfTracing) : ["[no stack: ENOENT]"];
    }

    // The program itself, and what called it.
    private static bool IsOfTracing(string frame) => Array.Exists(s_tracing, start => frame.StartsWith(start, StringComparison.Ordinal));

    private string Name(ulong address)
    {
        (ulong[] addresses, string[] names) = _symbols.Value;
        int at = Array.BinarySearch(addresses, address);
        at = at < 0 ? ~at - 1 : at;
        return at < 0 ? $"0x{address:x}" : string.Create(CultureInfo.InvariantCulture, $"{names[at]}+{address - addresses[at]}");
    }

    // Without the privilege to see them, all addresses are 0.
    private static (ulong[] Addresses, string[] Names) ReadSymbols()
    {
        var symbols = new List<(ulong Address, string Name)>();
        LinuxKernel.Instance.TryReadLines(KernelSymbol.Path, line =>
        {
            if (KernelSymbol.TryRead(line, out KernelSymbol symbol) && symbol.Address != 0 && symbol.Kind is (byte)'t' or (byte)'T' or (byte)'w' or (byte)'W')
            {
                symbols.Add((symbol.Address, Encoding.UTF8.GetString(symbol.Name)));
            }
        }, out _);
        symbols.Sort(static (one, other) => one.Address.CompareTo(other.Address));
        return ([.. symbols.Select(static one => one.Address)], [.. symbols.Select(static one => one.Name)]);
    }
}
