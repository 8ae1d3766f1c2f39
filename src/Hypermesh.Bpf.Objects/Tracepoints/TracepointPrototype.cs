using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Tracepoints;

/// <summary>
/// The arguments a raw tracepoint hands to its programs on one kernel, read from that kernel's BTF (<c>btf_trace_NAME</c>).
/// Arguments come and go between kernel versions, and are backported; only the running kernel's own types can be trusted.
/// </summary>
public sealed class TracepointPrototype
{
    // GCC and clang name the same integers differently; kernels are built with either. GCC's names are the tokens.
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

    /// <summary>The tracepoint.</summary>
    public string Name { get; }

    /// <summary>
    /// The type of each argument in the order of the program's context: <c>task_struct</c> for a <c>struct task_struct *</c>,
    /// <c>unsigned_int</c> for an <c>unsigned int</c>, <c>bool</c> for a <c>_Bool</c>; typedefs of numbers are seen through. Other pointers are <c>*</c>.
    /// </summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Reads a tracepoint's arguments.</summary>
    /// <param name="kernel">The kernel's types.</param>
    /// <param name="name">The tracepoint, without its group.</param>
    /// <returns>The prototype, or null where the kernel has no such tracepoint.</returns>
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

        // The first parameter is the kernel's own (void *__data); programs do not see it.
        var arguments = new List<string>(prototype.Length);
        for (int i = 1; i < prototype.Length; i++)
        {
            arguments.Add(TokenOf(kernel, prototype.Parameter(i).TypeId));
        }

        return new TracepointPrototype(name, arguments);
    }

    /// <summary>The place of an argument.</summary>
    /// <param name="token">Its type, as <see cref="Arguments"/> names it.</param>
    /// <param name="nth">Which of the arguments of that type, from 0.</param>
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
