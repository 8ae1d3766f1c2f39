namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// What the running kernel's own types and symbols name, whatever its version: a kernel without the name does not have the thing. The library is not used.
/// </summary>
internal static class KernelNames
{
    private static readonly Lazy<HashSet<string>> s_symbols = new(static () => [.. File.ReadLines("/proc/kallsyms").Select(Symbol)]);

    /// <summary>True where an enum has the number; what only marks the end of the list does not count.</summary>
    internal static bool HasNumber(string @enum, uint number) => KernelTypes.Running.HasNumber(@enum, number);

    /// <summary>True where an enum, which may be one without a name (""), has the constant.</summary>
    internal static bool HasConstant(string @enum, string constant) => KernelTypes.Running.Constant(@enum, constant) is not null;

    /// <summary>True where a struct or union has the member, in whichever of the unnamed and named ones within it.</summary>
    internal static bool HasMember(string type, string member) => KernelTypes.Running.HasMember(type, member);

    /// <summary>True where the kernel's types have the function.</summary>
    internal static bool HasFunction(string name) => KernelTypes.Running.FunctionId(name) != 0;

    /// <summary>True where the kernel's own list of symbols has it, also without a type.</summary>
    internal static bool HasSymbol(string name) => s_symbols.Value.Contains(name);

    /// <summary>True where a loaded module has types of its own (5.11).</summary>
    internal static bool HasModuleTypes(string module) => File.Exists($"/sys/kernel/btf/{module}");

    /// <summary>True where a loaded module has types of its own, and the function.</summary>
    internal static bool HasModuleFunction(string module, string function)
        => HasModuleTypes(module) && File.ReadLines("/proc/kallsyms").Any(line => line.EndsWith($" {function}\t[{module}]", StringComparison.Ordinal));

    // "ffffffff81000000 t name.isra.0\t[module]": the suffix that the compiler adds to a name is left out.
    private static string Symbol(string line)
    {
        int start = line.IndexOf(' ', line.IndexOf(' ', StringComparison.Ordinal) + 1) + 1;
        int end = line.AsSpan(start).IndexOfAny('.', '\t');
        return end < 0 ? line[start..] : line.Substring(start, end);
    }
}
