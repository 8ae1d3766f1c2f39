using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Externs;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.NameMatching;
using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Loading;

/// <summary>Finds the BTF type of a program's target: tracepoints, functions, iterators and security hooks have one each.</summary>
internal static class AttachTarget
{
    private const string TracepointPrefix = "btf_trace_";

    // The first row whose attach type is the program's; the last row is for all kinds of function tracing.
    private static readonly (BpfAttachType? AttachType, string Prefix, BtfKind Kind, string What)[] s_rows =
    [
        (BpfAttachType.TraceRawTracePoint, TracepointPrefix, BtfKind.Typedef, "tracepoint"),
        (BpfAttachType.LsmMac, "bpf_lsm_", BtfKind.Function, "security hook"),
        (BpfAttachType.LsmCGroup, "bpf_lsm_", BtfKind.Function, "security hook"),
        (BpfAttachType.TraceIter, "bpf_iter_", BtfKind.Function, "iterator"),
        (null, "", BtfKind.Function, "function"),
    ];

    /// <summary>True when the program cannot be loaded without the kernel's types.</summary>
    internal static bool IsTyped(BpfProgramSpec program) => program.Section.Flags.HasFlag(SectionFlags.BtfTarget) && program.Type != BpfProgramType.Ext && program.TargetProgram is null;

    /// <summary>The module that the section of a multi program names (<c>fentry.multi/MODULE:PATTERN</c>); null for the kernel.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">No such module is loaded, or it has no types.</exception>
    /// <exception cref="BpfPermissionException">The types of modules cannot be read.</exception>
    internal static ModuleBtf? ModuleOf(BpfProgramSpec program, RunningTypes running)
    {
        int colon = program.Target?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon < 0 || program.Target![..colon] is RunningTypes.KernelName)
        {
            return null;
        }

        string name = program.Target[..colon];
        return running.FindModule(name) ?? throw (running.ModulesRefused is { } refused
            ? ModuleRefusal.Of(refused, $"Module {name}", program.ObjectName, program.Name)
            : new BpfFeatureNotSupportedException(
                $"Module {name}", $"to be loaded (modprobe {name}), and a kernel whose modules have BTF (5.11)", "BTF", null, Errno.ESRCH, program.ObjectName, program.Name));
    }

    /// <summary>Finds the program's target in the types of the kernel, or else of its modules; <c>MODULE:NAME</c> searches one module only.</summary>
    /// <returns>Its type ID, and its module; null for the kernel itself.</returns>
    /// <exception cref="BpfException">The section names no target.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">This kernel has no such target.</exception>
    /// <exception cref="BpfPermissionException">It may be in a module, and the types of modules cannot be read.</exception>
    internal static (int Id, ModuleBtf? Module) Resolve(BpfProgramSpec program, RunningTypes running)
    {
        if (program.Target is not { } target)
        {
            throw new BpfException(
                $"Program {program.Name} in {program.ObjectName}: section {program.SectionName} names no target: write SEC(\"{program.Section.Name}/NAME\").",
                program.ObjectName, program.Name);
        }

        (_, string prefix, BtfKind kind, string what) = Array.Find(s_rows, r => r.AttachType is null || r.AttachType == program.ExpectedAttachType);
        int colon = target.IndexOf(':', StringComparison.Ordinal);
        string? place = colon < 0 ? null : target[..colon];
        string name = prefix + target[(colon + 1)..];
        if (running.Find(name, kind, place) is { Id: > 0 } found)
        {
            return found;
        }

        throw running.ModulesRefused is { } refused
            ? ModuleRefusal.Of(refused, $"The {what} {target}", program.ObjectName, program.Name)
            : new BpfFeatureNotSupportedException(
                $"The {what} {target}", $"a kernel whose BTF, or that of a loaded module, has {name}, or the kernel's spelling of the name{Other(running.Kernel, target[(colon + 1)..], prefix, kind) ?? Near(running.Kernel, target[(colon + 1)..], prefix, kind)}",
                "BTF", null, Errno.ESRCH, program.ObjectName, program.Name);
    }

    // A tracepoint in the place of a function, or a function in that of a tracepoint; null if it is neither.
    private static string? Other(BtfTypes types, string target, string prefix, BtfKind kind) => (prefix, kind) switch
    {
        ("", BtfKind.Function) when types.Find(TracepointPrefix + target, BtfKind.Typedef) != 0 => $"; {target} is a tracepoint: write SEC(\"tp_btf/{target}\")",
        (TracepointPrefix, BtfKind.Typedef) when types.Find(target, BtfKind.Function) != 0 => $"; {target} is a function: write SEC(\"fentry/{target}\")",
        _ => null,
    };

    // Names of this kind that are similar to a misspelt one.
    private static string Near(BtfTypes types, string target, string prefix, BtfKind kind)
    {
        var near = new NearNames(target);
        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id] is var type && type.Kind == kind && type.Name is { } name && name.StartsWith(prefix, StringComparison.Ordinal))
            {
                near.See(name[prefix.Length..]);
            }
        }

        return near.Best.Count == 0 ? "" : $" (similar names: {string.Join(", ", near.Best)})";
    }
}

/// <summary>The attach type a program is loaded with on this kernel: the section's, except for static probes, which use one multi link if the kernel supports it.</summary>
internal static class AttachTypes
{
    internal static BpfAttachType Of(IKernel kernel, BpfProgramSpec program)
        => program.Enabled && program.Section.Flags.HasFlag(SectionFlags.Usdt) && LinkFeatures.UProbeMultiLink.Has(kernel)
            ? BpfAttachType.TraceUProbeMulti
            : program.ExpectedAttachType;
}
