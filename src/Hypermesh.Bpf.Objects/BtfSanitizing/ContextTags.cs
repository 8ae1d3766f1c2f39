using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>
/// Supports global functions that get the program's context (<c>__arg_ctx</c>) on kernels before 6.8, which do not support the tag and recognize the context by
/// the name of its struct. For each program type that may call such a function, the types get a twin of the function whose parameter points to that struct.
/// </summary>
internal sealed class ContextTags
{
    private const string Tag = "arg:ctx";

    private readonly BtfTypes _types;
    private readonly List<BtfType> _tags;
    private readonly Dictionary<(uint Function, BpfProgramType Program), uint> _twins = [];

    private ContextTags(BtfTypes types, List<BtfType> tags)
    {
        _types = types;
        _tags = tags;
    }

    /// <summary>Finds the tags in an object's types as they are loaded; null when there are none.</summary>
    public static ContextTags? Find(byte[] blob, string fileName)
    {
        BtfTypes types = BtfTypes.Read(blob, fileName);
        var tags = new List<BtfType>();
        for (int id = types.FirstId; id < types.Count; id++)
        {
            BtfType tag = types[id];
            if (tag.Kind == BtfKind.DeclarationTag && tag.Name == Tag && types[tag.TypeId] is { Kind: BtfKind.Function, Linkage: 1 } function
                && types[function.TypeId] is { Kind: BtfKind.FunctionPrototype } prototype && (uint)tag.DeclarationTagComponent < (uint)prototype.Length)
            {
                tags.Add(tag);
            }
        }

        return tags.Count == 0 ? null : new ContextTags(types, tags);
    }

    /// <summary>Returns the types with the twins appended.</summary>
    /// <param name="programs">The types of the programs that will be loaded.</param>
    public byte[] Apply(IEnumerable<BpfProgramType> programs)
    {
        var rewriter = new BtfRewriter(_types);
        foreach (BpfProgramType program in programs.Distinct())
        {
            if (ContextTypes.NameOf(program) is { } context)
            {
                AddTwins(rewriter, program, context);
            }
        }

        return rewriter.Build();
    }

    /// <summary>Returns the twin of a function for a program type, or the function itself.</summary>
    public uint Substitute(uint function, BpfProgramType program) => _twins.TryGetValue((function, program), out uint twin) ? twin : function;

    private void AddTwins(BtfRewriter rewriter, BpfProgramType program, string context)
    {
        uint? pointer = null;
        foreach (IGrouping<int, BtfType> tags in _tags.GroupBy(static tag => tag.TypeId))
        {
            BtfType function = _types[tags.Key];
            BtfType prototype = _types[function.TypeId];
            List<BtfType> replaced = [.. tags.Where(tag => ContextTypes.MustReplace(_types, prototype.Parameter(tag.DeclarationTagComponent).TypeId, program, context))];
            if (replaced.Count == 0)
            {
                continue;
            }

            pointer ??= rewriter.Append(0, (uint)BtfKind.Pointer << 24, rewriter.Append(rewriter.Name(context), (uint)BtfKind.Struct << 24, 0));
            uint twinPrototype = rewriter.Append(Prototype(prototype, [.. replaced.Select(static tag => tag.DeclarationTagComponent)], pointer.Value));
            uint twin = rewriter.Append(function.NameOffset, ((uint)BtfKind.Function << 24) | 1, twinPrototype);
            foreach (BtfType tag in replaced)
            {
                rewriter.Append(tag.NameOffset, (uint)BtfKind.DeclarationTag << 24, twin, (uint)tag.DeclarationTagComponent);
            }

            _twins.Add(((uint)function.Id, program), twin);
        }
    }

    private static uint[] Prototype(BtfType prototype, HashSet<int> replaced, uint pointer)
    {
        var record = new List<uint> { 0, ((uint)BtfKind.FunctionPrototype << 24) | (uint)prototype.Length, (uint)prototype.TypeId };
        for (int i = 0; i < prototype.Length; i++)
        {
            BtfParameter parameter = prototype.Parameter(i);
            record.Add(parameter.NameOffset);
            record.Add(replaced.Contains(i) ? pointer : (uint)parameter.TypeId);
        }

        return [.. record];
    }
}

/// <summary>The struct by which kernels recognize the context of each program type in a global function's parameters.</summary>
internal static class ContextTypes
{
    private static readonly Dictionary<BpfProgramType, string> s_names = new()
    {
        [BpfProgramType.CGroupDevice] = "bpf_cgroup_dev_ctx",
        [BpfProgramType.CGroupSkb] = "__sk_buff",
        [BpfProgramType.CGroupSock] = "bpf_sock",
        [BpfProgramType.CGroupSockAddr] = "bpf_sock_addr",
        [BpfProgramType.CGroupSockOpt] = "bpf_sockopt",
        [BpfProgramType.CGroupSysctl] = "bpf_sysctl",
        [BpfProgramType.FlowDissector] = "__sk_buff",
        [BpfProgramType.KProbe] = "bpf_user_pt_regs_t",
        [BpfProgramType.LwtIn] = "__sk_buff",
        [BpfProgramType.LwtOut] = "__sk_buff",
        [BpfProgramType.LwtSeg6Local] = "__sk_buff",
        [BpfProgramType.LwtXmit] = "__sk_buff",
        [BpfProgramType.Netfilter] = "bpf_nf_ctx",
        [BpfProgramType.PerfEvent] = "bpf_perf_event_data",
        [BpfProgramType.RawTracepoint] = "bpf_raw_tracepoint_args",
        [BpfProgramType.RawTracepointWritable] = "bpf_raw_tracepoint_args",
        [BpfProgramType.SchedAct] = "__sk_buff",
        [BpfProgramType.SchedCls] = "__sk_buff",
        [BpfProgramType.SkLookup] = "bpf_sk_lookup",
        [BpfProgramType.SkMsg] = "sk_msg_md",
        [BpfProgramType.SkReusePort] = "sk_reuseport_md",
        [BpfProgramType.SkSkb] = "__sk_buff",
        [BpfProgramType.SockOps] = "bpf_sock_ops",
        [BpfProgramType.SocketFilter] = "__sk_buff",
        [BpfProgramType.Xdp] = "xdp_md",
    };

    /// <summary>The names of all of them.</summary>
    public static IEnumerable<string> Names => s_names.Values;

    /// <summary>Returns the name of the struct; null for program types whose context has no name.</summary>
    public static string? NameOf(BpfProgramType program) => s_names.TryGetValue(program, out string? name) ? name : null;

    /// <summary>Returns true when kernels without the tag do not recognize a parameter as the context, and its type can be replaced.</summary>
    public static bool MustReplace(BtfTypes types, int parameterType, BpfProgramType program, string contextName)
    {
        BtfType pointer = types[types.SkipModifiers(parameterType)];
        if (pointer.Kind != BtfKind.Pointer)
        {
            return false;
        }

        BtfType target = types[pointer.TypeId];
        while (target.IsModifier && target.Kind != BtfKind.Typedef)
        {
            target = types[target.TypeId];
        }

        bool hasRegisters = program is BpfProgramType.KProbe or BpfProgramType.PerfEvent;
        if (target.Kind == BtfKind.Typedef && hasRegisters && target.Name == "bpf_user_pt_regs_t")
        {
            return false;
        }

        target = types[types.SkipModifiers(target.Id)];
        return target.Kind switch
        {
            BtfKind.Void => true,
            BtfKind.Struct => target.Name != contextName && hasRegisters && target.Name is "pt_regs" or "user_pt_regs",
            BtfKind.Int => target.Size == sizeof(ulong) && program is BpfProgramType.RawTracepoint or BpfProgramType.RawTracepointWritable,
            _ => false,
        };
    }
}
