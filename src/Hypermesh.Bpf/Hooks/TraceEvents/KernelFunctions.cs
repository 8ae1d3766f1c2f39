using System.Globalization;
using System.Text;
using Hypermesh.Bpf.Hooks.Iterators;
using Hypermesh.Bpf.Objects.NameMatching;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.TraceEvents;

/// <summary>The functions of the running kernel and its modules by name, from <c>/proc/kallsyms</c>, and the traceable ones, from tracefs.</summary>
internal static class KernelFunctions
{
    /// <summary>Returns the addresses of the traceable functions whose name matches a pattern.</summary>
    /// <exception cref="BpfException">There is no such function, or the lists cannot be read.</exception>
    internal static ulong[] Matching(in LinkRequest request, string pattern)
    {
        string root = TraceFiles.Root(request, "to find the functions that match a pattern", "A probe of many kernel functions", "CONFIG_FPROBE");
        ulong[] found = FromAddressList(request.Kernel, $"{root}/available_filter_functions_addrs", pattern) ?? FromTwoLists(request, root, pattern);
        return found.Length > 0 ? found : throw request.Absent($"A function that matches {pattern}", "another pattern, or a kernel that can trace such functions", "open", Errno.ENOENT);
    }

    /// <summary>The exception for a function that cannot be attached to; it lists other names the kernel has for it.</summary>
    internal static BpfFeatureNotSupportedException Missing(in LinkRequest request, string function, string operation)
    {
        var near = new NearNames(function);
        bool listed = false;
        foreach ((_, _, string name) in Read(request.Kernel))
        {
            listed |= name == function;
            near.See(name);
        }

        string needs = listed ? "a function that can be probed; this one is on the kernel's blacklist, or its address is hidden"
            : near.Variants.Count > 0 ? $"the name the compiler gave it: {string.Join(", ", near.Variants)}"
            : near.Best.Count > 0 ? $"a kernel, or a loaded module, that has it; near names here: {string.Join(", ", near.Best)}"
            : "a kernel, or a loaded module, that has it (see /proc/kallsyms)";
        return request.Absent($"Kernel function {function}", needs, operation, Errno.ENOENT);
    }

    /// <summary>The number of functions with a name.</summary>
    internal static int Count(IKernel kernel, string function) => Read(kernel).Count(symbol => symbol.Kind is 't' or 'T' && symbol.Name == function);

    /// <summary>The first name that is not a function of this kernel; null if all are.</summary>
    internal static string? FirstMissing(IKernel kernel, IReadOnlyList<string> functions)
    {
        var present = new HashSet<string>(functions, StringComparer.Ordinal);
        present.IntersectWith(Read(kernel).Select(static symbol => symbol.Name));
        return functions.FirstOrDefault(function => !present.Contains(function));
    }

    /// <summary>The names of the traceable functions that match a pattern; null if tracefs cannot be read.</summary>
    internal static HashSet<string>? TryTraceable(IKernel kernel, string pattern)
        => TraceFiles.Roots.Select(root => TryTraceable(kernel, root, pattern)).FirstOrDefault(static found => found is not null);

    private static HashSet<string>? TryTraceable(IKernel kernel, string root, string pattern)
    {
        using StreamReader? list = Open(kernel, $"{root}/available_filter_functions");
        if (list is null)
        {
            return null;
        }

        var traceable = new HashSet<string>(StringComparer.Ordinal);
        while (list.ReadLine() is { } line)
        {
            string name = line.Split(' ', 2)[0];
            if (GlobPattern.Matches(pattern, name))
            {
                traceable.Add(name);
            }
        }

        return traceable;
    }

    // 6.5: addresses and names in one list.
    private static ulong[]? FromAddressList(IKernel kernel, string path, string pattern)
    {
        using StreamReader? list = Open(kernel, path);
        if (list is null)
        {
            return null;
        }

        var found = new List<ulong>();
        while (list.ReadLine() is { } line)
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            int end = space < 0 ? -1 : line.IndexOf(' ', space + 1);
            if (space > 0 && GlobPattern.Matches(pattern, end < 0 ? line[(space + 1)..] : line[(space + 1)..end])
                && ulong.TryParse(line.AsSpan(0, space), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address))
            {
                found.Add(address);
            }
        }

        return [.. found];
    }

    private static ulong[] FromTwoLists(in LinkRequest request, string root, string pattern)
    {
        HashSet<string> traceable = TryTraceable(request.Kernel, root, pattern)
            ?? throw request.Absent($"{root}/available_filter_functions", "a kernel built with CONFIG_DYNAMIC_FTRACE, and a readable tracefs", "open", Errno.ENOENT);
        return [.. Read(request.Kernel).Where(symbol => symbol.Address != 0 && symbol.Kind is 't' or 'T' && traceable.Contains(symbol.Name)).Select(static symbol => symbol.Address)];
    }

    private static List<(ulong Address, char Kind, string Name)> Read(IKernel kernel)
    {
        List<(ulong, char, string)> functions = [];
        kernel.TryReadLines(KernelSymbol.Path, line =>
        {
            if (KernelSymbol.TryRead(line, out KernelSymbol symbol) && symbol.Kind is (byte)'t' or (byte)'T' or (byte)'w' or (byte)'W')
            {
                functions.Add((symbol.Address, (char)symbol.Kind, Encoding.UTF8.GetString(symbol.Name)));
            }
        }, out _);
        return functions;
    }

    private static StreamReader? Open(IKernel kernel, string path)
    {
        long file = kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        return file < 0 ? null : new StreamReader(new KernelStream(new BpfHandle(kernel, file)));
    }
}
