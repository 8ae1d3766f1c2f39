using System.Text;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Symbols;

namespace Hypermesh.Bpf;

/// <summary>The functions of the kernel, or of one module, by their numbers in its types: what links of typed programs to many functions are made of.</summary>
internal sealed class TracedFunctions
{
    // What the trampolines that call typed programs can pass on.
    private const int MostParameters = 12;
    private const int LargestParameter = 16;

    private readonly BtfTypes _types;

    private TracedFunctions(BtfTypes types) => _types = types;

    /// <summary>Those of a module, or of the kernel for null.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">The module is not loaded, or the kernel has no types.</exception>
    internal static TracedFunctions Of(in LinkRequest request, RunningTypes running, string? module)
        => new(module is null ? running.Kernel : running.FindModule(module)?.Types
            ?? throw request.Absent($"Module {module}", "to be loaded still, and to be looked into (CAP_SYS_ADMIN)", "BTF", Errno.ESRCH));

    /// <summary>The numbers of functions, in the order of their names.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">One is not there.</exception>
    internal int[] Named(in LinkRequest request, IReadOnlyList<string> names)
    {
        int[] ids = new int[names.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = _types.FindOwn(Encoding.UTF8.GetBytes(names[i]), BtfKind.Function) is > 0 and int id
                ? id : throw Missing(request, names[i]);
        }

        return ids;
    }

    /// <summary>
    /// The numbers of all functions that fit a pattern, whose types a trampoline can pass on, and which can be traced; what can be traced tells tracefs, and without one the
    /// kernel is asked for all that fit.
    /// </summary>
    /// <exception cref="BpfFeatureNotSupportedException">There are none.</exception>
    internal int[] Matching(in LinkRequest request, string pattern)
    {
        HashSet<string>? traceable = KernelFunctions.TryTraceable(request.Kernel, pattern);
        byte[] start = Encoding.UTF8.GetBytes(pattern[..pattern.AsSpan().IndexOfAny('*', '?')]);
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = _types.FirstId; id < _types.Count; id++)
        {
            BtfType type = _types[id];
            if (type.Kind == BtfKind.Function && type.NameBytes.StartsWith(start) && type.Name is var name
                && GlobPattern.Matches(pattern, name) && traceable?.Contains(name) != false && CanBePassedOn(_types[type.TypeId]))
            {
                found.TryAdd(name, id);
            }
        }

        return found.Count > 0 ? [.. found.Values]
            : throw request.Absent($"A function that fits {pattern}", "another pattern, or a kernel whose types have such functions and which lets them be traced", "BTF", Errno.ENOENT);
    }

    /// <summary>The first of some functions that tracefs does not list; null where it lists all, or is not there.</summary>
    internal string? FirstUntraceable(IKernel kernel, int[] ids)
    {
        HashSet<string>? traceable = KernelFunctions.TryTraceable(kernel, "*");
        return traceable is null ? null : ids.Select(id => id < _types.Count ? _types[id].Name : $"number {id}").FirstOrDefault(name => !traceable.Contains(name));
    }

    private static BpfFeatureNotSupportedException Missing(in LinkRequest request, string function) => KernelFunctions.Count(request.Kernel, function) > 0
        ? request.Absent($"The type of kernel function {function}", "a kernel, or the module it was loaded for, whose BTF has it (kprobe.multi attaches to functions without types)", "BTF", Errno.ESRCH)
        : KernelFunctions.Missing(request, function, "BTF");

    private bool CanBePassedOn(BtfType prototype)
    {
        if (prototype.Kind != BtfKind.FunctionPrototype || prototype.Length > MostParameters
            || !(prototype.TypeId == 0 || IsNumber(_types[_types.SkipModifiers(prototype.TypeId)])))
        {
            return false;
        }

        for (int i = 0; i < prototype.Length; i++)
        {
            // A type of 0 stands for further arguments, as of printf.
            BtfType parameter = _types[_types.SkipModifiers(prototype.Parameter(i).TypeId)];
            if (!IsNumber(parameter) && !(parameter.IsComposite && parameter.Size is > 0 and <= LargestParameter))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsNumber(BtfType type) => type.IsEnum || type.Kind is BtfKind.Pointer || (type.Kind is BtfKind.Int && type.Size <= LargestParameter);
}
