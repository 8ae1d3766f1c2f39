using System.Globalization;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Tracepoints;

/// <summary>
/// Fills in where a program finds the arguments it asked for with <c>HM_TP_ARG</c> (hypermesh/tracepoint.h): each is a constant
/// <c>hm_arg__TRACEPOINT__TYPE__NTH</c>, or <c>hm_argopt__…</c> for one the program can do without.
/// </summary>
public static class TracepointArguments
{
    private const string RequiredPrefix = "hm_arg__";
    private const string OptionalPrefix = "hm_argopt__";
    private const byte Absent = 255;

    /// <summary>Resolves all of an object's tracepoint arguments.</summary>
    /// <param name="spec">The object; its constants are written.</param>
    /// <param name="kernel">The running kernel's types.</param>
    /// <exception cref="BpfException">The kernel has no such tracepoint or argument, and the program cannot do without.</exception>
    public static void Resolve(BpfObjectSpec spec, BtfTypes kernel)
    {
        foreach (DataSectionSpec section in spec.DataSections)
        {
            foreach (GlobalVariable variable in section.Variables)
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

    /// <summary>True when the object asks for any argument, so that the kernel's types are needed.</summary>
    /// <param name="spec">The object.</param>
    /// <returns>Whether <see cref="Resolve(BpfObjectSpec, BtfTypes)"/> has something to do.</returns>
    public static bool AreNeeded(BpfObjectSpec spec)
        => spec.DataSections.Any(static section => section.Variables.Any(static variable =>
            variable.Name.StartsWith(RequiredPrefix, StringComparison.Ordinal) || variable.Name.StartsWith(OptionalPrefix, StringComparison.Ordinal)));

    private static byte Resolve(BpfObjectSpec spec, BtfTypes kernel, string rest, string variable, bool required)
    {
        string[] parts = rest.Split(["__"], StringSplitOptions.None);
        if (parts.Length != 3 || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int nth))
        {
            throw new BpfException($"constant {variable} in {spec.Name} is not of the form {RequiredPrefix}TRACEPOINT__TYPE__NTH; declare it with HM_TP_ARG", spec.Name, variable);
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
