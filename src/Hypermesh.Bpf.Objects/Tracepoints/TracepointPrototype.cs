using System.Globalization;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Tracepoints;

/// <summary>
/// The arguments that a raw tracepoint passes to its programs on one kernel, read from that kernel's BTF (<c>btf_trace_NAME</c>).
/// Arguments are added and removed between kernel versions, and such changes are backported, so only the running kernel's own types are reliable.
/// </summary>
internal sealed class TracepointPrototype
{
    // GCC and clang name the same integers differently, and kernels are built with either. The tokens are GCC's names.
    private static readonly Dictionary<string, string> s_aliases = new(StringComparer.Ordinal)
    {
        ["_Bool"] = "bool",
        ["short"] = "short_int",
        ["unsigned_short"] = "short_unsigned_int",
        ["long"] = "long_int",
        ["unsigned_long"] = "long_unsigned_int",
        ["long_long"] = "long_long_int",
        ["unsigned_long_long"] = "long_long_unsigned_int",
    };

    private TracepointPrototype(string name, IReadOnlyList<string> arguments)
    {
        Name = name;
        Arguments = arguments;
    }

    /// <summary>The name of the tracepoint.</summary>
    public string Name { get; }

    /// <summary>
    /// The type of each argument in the order of the program's context: <c>task_struct</c> for a <c>struct task_struct *</c>,
    /// <c>unsigned_int</c> for an <c>unsigned int</c>, <c>bool</c> for a <c>_Bool</c>. Typedefs of numbers are resolved. Other pointers are <c>*</c>.
    /// </summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Reads a tracepoint's arguments.</summary>
    /// <param name="kernel">The kernel's types.</param>
    /// <param name="name">The tracepoint, without its group.</param>
    /// <returns>The prototype, or null when the kernel has no such tracepoint.</returns>
    public static TracepointPrototype? Find(BtfTypes kernel, string name)
    {
        int id = kernel.Find("btf_trace_" + name, BtfKind.Typedef);
        if (id == 0)
        {
            return null;
        }

        BtfType pointer = kernel[kernel.SkipModifiers(id)];
        if (pointer.Kind != BtfKind.Pointer || kernel[kernel.SkipModifiers(pointer.TypeId)] is not { Kind: BtfKind.FunctionPrototype } prototype)
        {
            return null;
        }

        // The first parameter (void *__data) is private to the kernel and not passed to programs.
        var arguments = new List<string>(prototype.Length);
        for (int i = 1; i < prototype.Length; i++)
        {
            arguments.Add(TokenOf(kernel, prototype.Parameter(i).TypeId));
        }

        return new TracepointPrototype(name, arguments);
    }

    /// <summary>Returns the index of an argument.</summary>
    /// <param name="token">Its type, as in <see cref="Arguments"/>.</param>
    /// <param name="nth">Its index among the arguments of that type, from 0.</param>
    /// <returns>Its index in the context, or -1.</returns>
    public int IndexOf(string token, int nth)
    {
        for (int i = 0; i < Arguments.Count; i++)
        {
            if (string.Equals(Arguments[i], token, StringComparison.Ordinal) && nth-- == 0)
            {
                return i;
            }
        }

        return -1;
    }

    private static string TokenOf(BtfTypes kernel, int typeId)
    {
        BtfType type = kernel[kernel.SkipModifiers(typeId)];
        if (type.Kind != BtfKind.Pointer)
        {
            string token = type.Name.Replace(' ', '_');
            return s_aliases.TryGetValue(token, out string? canonical) ? canonical : token;
        }

        BtfType target = kernel[kernel.SkipModifiers(type.TypeId)];
        return target.IsComposite || target.Kind == BtfKind.Forward ? target.Name : "*";
    }
}

/// <summary>
/// Sets the indices of the arguments that a program declares with <c>HM_TP_ARG</c> (hypermesh/tracepoint.h). Each argument has a constant
/// <c>hm_arg__TRACEPOINT__TYPE__NTH</c>, or <c>hm_argopt__…</c> for an optional one.
/// </summary>
internal static class TracepointArguments
{
    private const string RequiredPrefix = "hm_arg__";
    private const string OptionalPrefix = "hm_argopt__";
    private const byte Absent = 255;

    /// <summary>Resolves all of an object's tracepoint arguments.</summary>
    /// <param name="spec">The object, whose constants are set.</param>
    /// <param name="kernel">The running kernel's types.</param>
    /// <exception cref="BpfException">The kernel does not have the tracepoint or a required argument.</exception>
    public static void Resolve(BpfObjectSpec spec, BtfTypes kernel)
    {
        foreach (BpfDataSectionSpec section in spec.DataSections)
        {
            foreach (BpfGlobalVariable variable in section.Variables)
            {
                bool required = variable.Name.StartsWith(RequiredPrefix, StringComparison.Ordinal);
                if (required || variable.Name.StartsWith(OptionalPrefix, StringComparison.Ordinal))
                {
                    string rest = variable.Name.Substring(required ? RequiredPrefix.Length : OptionalPrefix.Length);
                    section.Write(variable.Offset, Resolve(spec, kernel, rest, variable.Name, required));
                }
            }
        }
    }

    /// <summary>Returns true when the object declares arguments, so the kernel's types are needed.</summary>
    /// <param name="spec">The object.</param>
    /// <returns>True when <see cref="Resolve(BpfObjectSpec, BtfTypes)"/> must be called.</returns>
    public static bool AreNeeded(BpfObjectSpec spec)
        => spec.DataSections.Any(static section => section.Variables.Any(static variable =>
            variable.Name.StartsWith(RequiredPrefix, StringComparison.Ordinal) || variable.Name.StartsWith(OptionalPrefix, StringComparison.Ordinal)));

    private static byte Resolve(BpfObjectSpec spec, BtfTypes kernel, string rest, string variable, bool required)
    {
        string[] parts = rest.Split(["__"], StringSplitOptions.None);
        if (parts.Length != 3 || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int nth))
        {
            throw new BpfException($"constant {variable} in {spec.Name} is not of the form {RequiredPrefix}TRACEPOINT__TYPE__NTH; use HM_TP_ARG", spec.Name, variable);
        }

        TracepointPrototype? prototype = TracepointPrototype.Find(kernel, parts[0]);
        int index = prototype?.IndexOf(parts[1], nth) ?? -1;
        if (index < 0 && required)
        {
            string what = prototype is null
                ? $"this kernel has no tracepoint {parts[0]}"
                : $"tracepoint {parts[0]} of this kernel has no argument {nth} of type {parts[1]}; it has ({string.Join(", ", prototype.Arguments)})";
            throw new BpfException($"object {spec.Name}: {what}", spec.Name, parts[0]);
        }

        return index < 0 ? Absent : (byte)index;
    }
}
