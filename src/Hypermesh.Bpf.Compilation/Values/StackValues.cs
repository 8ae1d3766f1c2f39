using System.Globalization;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation.Symbols;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Compilation.Values;

/// <summary>
/// Shows the stacks of built monitors as the functions on them, from the innermost on: the members <c>kstack</c>, with the ID of a stack, and <c>ustack</c>, with the ID and in the upper half the process. An
/// address that no symbol covers is shown in hexadecimal.
/// </summary>
internal sealed class StackValues
{
    internal const string OfKernel = "kstack";
    internal const string OfProcess = "ustack";
    internal const string Map = "hypermesh_stacks";

    private readonly BpfStackTraceMap _map;

    // Readers of several maps, and what is read beside them.
    private readonly Lock _gate = new();
    private readonly Lazy<KernelFunctionNames> _functions = new(KernelFunctionNames.Read);
    private readonly Dictionary<int, ProcessFunctionNames> _processes = [];
    private readonly Dictionary<string, BinaryFunctionNames?> _files = new(StringComparer.Ordinal);

    internal StackValues(BpfMapHandle map) => _map = new BpfStackTraceMap(map);

    /// <summary>Replaces the IDs of stacks in a key or an event.</summary>
    internal void Resolve(JsonNode? value)
    {
        if (value is not JsonObject members)
        {
            return;
        }

        lock (_gate)
        {
            Resolve(members);
        }
    }

    private void Resolve(JsonObject members)
    {
        if (members[OfKernel] is JsonValue kernel && kernel.TryGetValue(out long id))
        {
            members[OfKernel] = ToArray(Frames((int)id, KernelName).SkipWhile(KernelFunctionNames.IsOfTracing));
        }

        if (ProcessOf(members) is var (process, stack))
        {
            ProcessFunctionNames functions = Functions(process);
            members[OfProcess] = ToArray(Frames(stack, address => ProcessName(functions, address)));
        }
    }

    /// <summary>Reads what the process of a key has loaded by now, so that its functions have names after it has ended.</summary>
    internal void Watch(JsonNode? key)
    {
        if (key is JsonObject members && ProcessOf(members) is var (process, _))
        {
            lock (_gate)
            {
                Functions(process);
            }
        }
    }

    /// <summary>Reads again what the processes have loaded. One that has ended is not read any more.</summary>
    internal void Refresh()
    {
        lock (_gate)
        {
            foreach ((_, ProcessFunctionNames functions) in _processes.Where(static one => Directory.Exists($"/proc/{one.Key}")))
            {
                functions.Refresh();
            }
        }
    }

    private static (int Process, int Stack)? ProcessOf(JsonObject members)
        => members[OfProcess] is JsonValue value && value.TryGetValue(out ulong both) ? ((int)(both >> 32), (int)both) : null;

    private static JsonArray ToArray(IEnumerable<string> frames) => new([.. frames.Select(static frame => (JsonNode)frame)]);

    private ProcessFunctionNames Functions(int process)
    {
        if (!_processes.TryGetValue(process, out ProcessFunctionNames? functions))
        {
            functions = new ProcessFunctionNames(process, _files);
            _processes.Add(process, functions);
        }

        return functions;
    }

    private IEnumerable<string> Frames(int id, Func<ulong, string> name)
    {
        if (id < 0)
        {
            // EEXIST: another stack has its place in the map. EFAULT: a thread of the kernel has none of a program.
            return [$"[no stack: {Errno.Name(-id)}]"];
        }

        ulong[] frames = new ulong[_map.MaxDepth];
        return _map.TryGet(id, frames, out int count) ? frames.Take(count).Select(name) : ["[no stack: ENOENT]"];
    }

    private string KernelName(ulong address)
        => _functions.Value.Find(address) is var (name, offset) ? string.Create(CultureInfo.InvariantCulture, $"{name}+{offset}") : $"0x{address:x}";

    private static string ProcessName(ProcessFunctionNames functions, ulong address)
    {
        (string? name, string? file) = functions.Find(address);
        return name ?? (file is null ? $"0x{address:x}" : $"0x{address:x} [{Path.GetFileName(file.Trim('[', ']'))}]");
    }
}
