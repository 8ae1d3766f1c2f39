using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Compilation.Hooks;

/// <summary>The hooks of the running kernel, with their arguments.</summary>
/// <param name="types">The kernel's types.</param>
/// <param name="kernel">The kernel that has the tracepoints and functions.</param>
internal sealed class HookCatalog(BtfTypes types, IKernel kernel)
{
    /// <summary>The most hooks that one name with a pattern may stand for.</summary>
    internal const int MostHooks = 512;

    private const string TracepointPrefix = "btf_trace_";
    private const string EventsFolder = "events";

    private static readonly char[] s_separators = [':', '/'];

    /// <summary>Finds the hooks that a name stands for.</summary>
    /// <param name="text">A section's name (<c>tp_btf/sched_switch</c>), a probe of bpftrace (<c>tracepoint:sched:sched_switch</c>, <c>t:</c>, <c>k:</c>), or a tracepoint alone; with <c>*</c> and <c>?</c>.</param>
    /// <exception cref="BpfException">There is none, or there are too many.</exception>
    internal IReadOnlyList<Hook> Find(string text)
    {
        (HookKind kind, string rest) = KindOf(text);
        if (kind.IsUser && rest.LastIndexOf(':') is > 0 and int at && GlobPattern.IsPattern(rest[at..]))
        {
            throw new BpfException($"'{text}': * and ? do not stand for functions of programs; name the function.");
        }

        string[] names = GlobPattern.IsPattern(rest) && !kind.IsUser ? [.. Names(kind, rest).Order(StringComparer.Ordinal)] : [rest];
        if (names.Length > MostHooks)
        {
            throw new BpfException($"{text} stands for {names.Length} hooks; at most {MostHooks} can be attached at once. Narrow the pattern; 'hmbpf hooks {kind.Section}:{rest}' lists them.");
        }

        Hook[] found = [.. names.Select(name => TryRead(kind, name)).OfType<Hook>()];
        return found.Length > 0 ? found : throw Missing(text, kind, rest);
    }

    /// <summary>The names of a kind that match a pattern; for tracepoints with their category, as <c>sched:sched_switch</c>.</summary>
    internal IEnumerable<string> Names(HookKind kind, string pattern) => kind.Source switch
    {
        ArgumentSource.TracepointPrototype => TypeNames(BtfKind.Typedef, TracepointPrefix).Where(name => GlobPattern.Matches(pattern, name)),
        ArgumentSource.Record => TracepointNames(pattern),
        ArgumentSource.FunctionPrototype => KernelFunctions.TryTraceable(kernel, pattern)?.Where(name => types.Find(name, BtfKind.Function) != 0) ?? [],
        _ when kind.IsUser => [],
        _ => KernelFunctions.TryTraceable(kernel, pattern) ?? [],
    };

    /// <summary>Reads one hook; null when the kernel does not have it.</summary>
    internal Hook? TryRead(HookKind kind, string name)
    {
        switch (kind.Source)
        {
            case ArgumentSource.TracepointPrototype:
                return types.Find(TracepointPrefix + name, BtfKind.Typedef) is > 0 and int typedef ? new Hook(kind, $"{kind.Section}/{name}", name, OfTracepoint(kind, name, typedef)) : null;
            case ArgumentSource.FunctionPrototype:
                return types.Find(name, BtfKind.Function) is > 0 and int function ? new Hook(kind, $"{kind.Section}/{name}", name, OfFunction(kind, function)) : null;
            case ArgumentSource.Record:
                return SplitTracepoint(name) is var (category, tracepoint) && Format(category, tracepoint) is { } format
                    ? new Hook(kind, $"{kind.Section}/{category}/{tracepoint}", $"{category}:{tracepoint}", TracepointRecord.Read(format, category, types)) : null;
            default:
                return Exists(kind, name) ? new Hook(kind, $"{kind.Section}/{name}", name, OfRegisters(kind, name)) : null;
        }
    }

    // Not all functions that a kprobe can be in are in the list of those that can be traced.
    private bool Exists(HookKind kind, string name)
        => kind.IsUser ? name.LastIndexOf(':') is > 0 and int at && at + 1 < name.Length
            : name.Length > 0 && (KernelFunctions.TryTraceable(kernel, name)?.Contains(name) == true || KernelFunctions.Count(kernel, name) > 0);

    /// <summary>The kind and the rest of a name.</summary>
    internal static (HookKind Kind, string Name) KindOf(string text)
    {
        int at = text.IndexOfAny(s_separators);
        string first = at < 0 ? "" : text[..at];
        if (HookKind.All.FirstOrDefault(kind => kind.Words.Contains(first, StringComparer.Ordinal)) is { } found)
        {
            return (found, text[(at + 1)..]);
        }

        // sched:sched_switch, or sched_switch.
        return at >= 0 ? (HookKind.Tracepoint, text) : (HookKind.BtfTracepoint, text);
    }

    private static (string Category, string Name) SplitTracepoint(string name)
    {
        int at = name.IndexOfAny(s_separators);
        return at < 0 ? ("", name) : (name[..at], name[(at + 1)..]);
    }

    private IEnumerable<string> TypeNames(BtfKind kind, string prefix)
    {
        byte[] start = System.Text.Encoding.UTF8.GetBytes(prefix);
        for (int id = types.FirstId; id < types.Count; id++)
        {
            BtfType type = types[id];
            if (type.Kind == kind && type.NameBytes.StartsWith(start))
            {
                yield return type.Name[prefix.Length..];
            }
        }
    }

    /// <summary>Whether the list of classic tracepoints can be read.</summary>
    /// <param name="isRefused">True if it is there, and not for this user.</param>
    internal bool CanReadTracepoints(out bool isRefused)
    {
        isRefused = false;
        foreach (string root in TraceFiles.Roots)
        {
            long opened = kernel.Open($"{root}/{EventsFolder}", FileFlags.ReadOnly | FileFlags.CloseOnExec);
            if (opened >= 0)
            {
                kernel.Close((int)opened);
                return true;
            }

            isRefused |= opened == -Errno.EACCES;
        }

        return false;
    }

    private IEnumerable<string> TracepointNames(string pattern)
    {
        (string category, string name) = SplitTracepoint(pattern);
        string? root = TraceFiles.Roots.FirstOrDefault(static root => Directory.Exists($"{root}/{EventsFolder}"));
        return root is null ? [] : Directory.EnumerateDirectories($"{root}/{EventsFolder}").Where(folder => GlobPattern.Matches(category.Length == 0 ? "*" : category, Path.GetFileName(folder)))
            .SelectMany(folder => Directory.EnumerateDirectories(folder).Select(Path.GetFileName).OfType<string>().Where(one => GlobPattern.Matches(name, one)).Select(one => $"{Path.GetFileName(folder)}:{one}"));
    }

    private string? Format(string category, string name)
        => category.Length == 0 || name.Length == 0 || category.AsSpan().IndexOfAny('/', '\0') >= 0 || name.AsSpan().IndexOfAny('/', '\0') >= 0 ? null
            : TraceFiles.Roots.Select(root => kernel.TryReadText($"{root}/{EventsFolder}/{category}/{name}/format", out _)).FirstOrDefault(static text => text is not null);

    // The typedef has the types, and the function that calls the programs has the names (5.10).
    private List<HookArgument> OfTracepoint(HookKind kind, string name, int typedef)
    {
        BtfType pointer = types[types.SkipModifiers(typedef)];
        BtfType prototype = types[types.SkipModifiers(pointer.TypeId)];
        BtfType? named = types.Find("__traceiter_" + name, BtfKind.Function) is > 0 and int caller && types[types[caller].TypeId] is { } other && other.Length == prototype.Length ? other : null;
        PointerAccess access = kind == HookKind.BtfTracepoint ? PointerAccess.Direct : PointerAccess.Kernel;
        var arguments = new List<HookArgument>();

        // The first parameter (void *__data) is the kernel's own.
        for (int i = 1; i < prototype.Length; i++)
        {
            BtfParameter parameter = prototype.Parameter(i);
            string known = named is { } with ? types.GetString(with.Parameter(i).NameOffset) : "";
            if (ToArgument(known.Length > 0 ? known : $"arg{i - 1}", parameter.TypeId, (i - 1) * sizeof(ulong), access) is { } argument)
            {
                arguments.Add(argument);
            }
        }

        return arguments;
    }

    private List<HookArgument> OfFunction(HookKind kind, int function)
    {
        BtfType prototype = types[types[function].TypeId];
        var arguments = new List<HookArgument>();
        int offset = 0;
        for (int i = 0; i < prototype.Length; i++)
        {
            BtfParameter parameter = prototype.Parameter(i);
            string name = types.GetString(parameter.NameOffset);
            if (ToArgument(name.Length > 0 ? name : $"arg{i}", parameter.TypeId, offset, PointerAccess.Direct) is { } argument)
            {
                arguments.Add(argument);
            }

            // A struct that is passed by value takes as many words as it has.
            offset += Words(parameter.TypeId) * sizeof(ulong);
        }

        if (kind.HasResult && ToArgument(HookNames.Result, prototype.TypeId, offset, PointerAccess.Kernel) is { } result)
        {
            arguments.Add(result);
        }

        return arguments;
    }

    private IReadOnlyList<HookArgument> OfRegisters(HookKind kind, string name)
    {
        BtfType? prototype = !kind.IsUser && types.Find(name, BtfKind.Function) is > 0 and int function ? types[types[function].TypeId] : null;
        PointerAccess access = kind.IsUser ? PointerAccess.User : PointerAccess.Kernel;
        if (kind.Source == ArgumentSource.ResultRegister)
        {
            return Registers.Result(types) is { } place ? [Named(HookNames.Result, prototype?.TypeId, place, access)] : [];
        }

        var arguments = new List<HookArgument>();
        IReadOnlyList<int> places = Registers.Arguments(types);
        for (int i = 0; i < places.Count && (prototype is null || i < prototype.Value.Length); i++)
        {
            // Where a struct of several words is passed by value, in registers or on the stack, those behind it have other registers.
            if (prototype is { } whole && Words(whole.Parameter(i).TypeId) > 1)
            {
                break;
            }

            string known = prototype is { } with ? types.GetString(with.Parameter(i).NameOffset) : "";
            arguments.Add(Named(known.Length > 0 ? known : $"arg{i}", prototype?.Parameter(i).TypeId, places[i], access));
        }

        return arguments;
    }

    // Without a prototype: a number of 64 bits, which may be a pointer.
    private HookArgument Named(string name, int? typeId, int offset, PointerAccess access)
        => (typeId is > 0 and int type ? ToArgument(name, type, offset, access) : null)
            ?? new HookArgument(name, "unsigned long", offset, sizeof(ulong), ArgumentForm.Value, false) { Access = access, IsPointer = access == PointerAccess.User };

    // Null for a struct that is passed by value, and for void.
    private HookArgument? ToArgument(string name, int typeId, int offset, PointerAccess access)
    {
        BtfType type = types[types.SkipModifiers(typeId)];
        string text = TypeText.Of(types, typeId);
        return type.Kind switch
        {
            BtfKind.Pointer => Pointer(new(name, text, offset, sizeof(ulong), ArgumentForm.Value, false), type, access),
            BtfKind.Int when type.Size <= sizeof(ulong) => new(name, text, offset, (int)type.Size, ArgumentForm.Value, type.IntEncoding.HasFlag(BtfIntEncoding.Signed)),
            BtfKind.Enum or BtfKind.Enum64 => new(name, text, offset, (int)type.Size, ArgumentForm.Value, type.KindFlag),
            _ => null,
        };
    }

    // The verifier follows pointers to structs only, and lets programs load no others, but for those to nothing in particular.
    private HookArgument Pointer(HookArgument argument, BtfType type, PointerAccess access)
    {
        int pointee = types.SkipModifiers(type.TypeId);
        bool isStruct = types[pointee].Kind == BtfKind.Struct;
        return argument with
        {
            IsPointer = true,
            Pointee = pointee,
            Access = access == PointerAccess.Direct && !isStruct ? PointerAccess.Kernel : access,
            IsHidden = access == PointerAccess.Direct && !isStruct && pointee != 0,
        };
    }

    private int Words(int type) => types[types.SkipModifiers(type)].IsComposite ? Math.Max(1, (int)((types.SizeOf(type) + sizeof(ulong) - 1) / sizeof(ulong))) : 1;

    private BpfException Missing(string text, HookKind kind, string rest)
    {
        if (kind.IsUser)
        {
            return new($"'{text}' is not a function of a program: write {kind.Section}:FILE:FUNCTION, such as {kind.Section}:/bin/bash:readline.");
        }

        if (kind == HookKind.Tracepoint && !CanReadTracepoints(out bool isRefused))
        {
            return new(isRefused ? $"Whether there is a hook '{text}' cannot be read: tracefs is for root. tp_btf does not need it." : $"There is no hook '{text}' here: tracefs is not mounted, and classic tracepoints need it. Mount it with 'mount -t tracefs tracefs /sys/kernel/tracing', or use tp_btf, which does not need it.");
        }

        string name = SplitTracepoint(rest).Name;
        var near = new NearNames(kind == HookKind.Tracepoint ? rest.Replace('/', ':') : name);
        foreach (string one in Names(kind, "*").Concat(kind == HookKind.BtfTracepoint ? [] : TypeNames(BtfKind.Typedef, TracepointPrefix)))
        {
            near.See(one);
        }

        if (types.Find(name, BtfKind.Function) != 0)
        {
            return new($"There is no tracepoint '{text}': {name} is a function of the kernel. Write fexit/{name}, which has its arguments and retval, or kprobe/{name} and kretprobe/{name}.");
        }

        string meant = near.Best.Count > 0 ? $" Did you mean {string.Join(", ", near.Best)}?" : "";
        return new($"This kernel has no hook '{text}'.{meant} 'hmbpf hooks' lists what can be attached.");
    }
}

/// <summary>Names that the tool gives to what a hook passes.</summary>
internal static class HookNames
{
    internal const string Result = "retval";
}
