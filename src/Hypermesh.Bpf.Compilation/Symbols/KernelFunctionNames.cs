using System.Text;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Compilation.Symbols;

/// <summary>Names of the functions of the kernel and its modules by address, from <c>/proc/kallsyms</c>; none without the privilege to see the addresses (CAP_SYSLOG).</summary>
internal sealed class KernelFunctionNames
{
    private static readonly string[] s_tracing = ["bpf_prog_", "bpf_trace_run", "bpf_trampoline_", "trace_call_bpf", "__bpf_trace_", "__traceiter_", "perf_trace_", "trace_event_"];

    // The table has no sizes: behind the last symbol of a region is nothing that it names.
    private const ulong LongestFunction = 1 << 20;

    private readonly ulong[] _addresses;
    private readonly string[] _names;

    private KernelFunctionNames(List<(ulong Address, string Name)> functions)
    {
        functions.Sort(static (one, other) => one.Address.CompareTo(other.Address));
        _addresses = [.. functions.Select(static one => one.Address)];
        _names = [.. functions.Select(static one => one.Name)];
    }

    internal static KernelFunctionNames Read()
    {
        var functions = new List<(ulong Address, string Name)>();
        LinuxKernel.Instance.TryReadLines(KernelSymbol.Path, line =>
        {
            // Without the privilege all addresses are 0.
            if (KernelSymbol.TryRead(line, out KernelSymbol symbol) && symbol.Address != 0 && symbol.Kind is (byte)'t' or (byte)'T' or (byte)'w' or (byte)'W')
            {
                functions.Add((symbol.Address, Encoding.UTF8.GetString(symbol.Name)));
            }
        }, out _);
        return new KernelFunctionNames(functions);
    }

    /// <summary>True for a program of BPF and what calls it, which are the innermost frames of each stack that it sees.</summary>
    internal static bool IsOfTracing(string function) => Array.Exists(s_tracing, start => function.StartsWith(start, StringComparison.Ordinal));

    /// <summary>The function at an address, and how far behind its beginning; null where none is known.</summary>
    internal (string Name, ulong Offset)? Find(ulong address)
    {
        int at = Array.BinarySearch(_addresses, address);
        at = at < 0 ? ~at - 1 : at;
        return at < 0 || address - _addresses[at] > LongestFunction ? null : (_names[at], address - _addresses[at]);
    }
}
