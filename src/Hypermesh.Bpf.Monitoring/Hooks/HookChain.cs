using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Tracepoints;

namespace Hypermesh.Bpf.Monitoring.Hooks;

/// <summary>What the machine allows, beside the kernel's types.</summary>
/// <param name="HasTraceFs">Whether the IDs of classic tracepoints can be read.</param>
/// <param name="IsPreemptible">Whether a task may be preempted inside a program, so that a tp_btf program misses events that a classic tracepoint's does not.</param>
internal sealed record HookFacts(bool HasTraceFs, bool IsPreemptible)
{
    /// <summary>Whether the types are those of the running kernel, whose modules have types too; else they are in a file.</summary>
    internal bool IsRunning { get; init; } = true;
}

/// <summary>One way to see an event.</summary>
/// <param name="Source">The kind of hook.</param>
/// <param name="Program">The name of the C function.</param>
/// <param name="Target">The tracepoint's name without its group, a function for an iterator (<c>bpf_iter_task</c>).</param>
/// <param name="Needs">
/// For tp_btf: the prototypes that are known, each as its arguments' types separated by commas. A kernel with another one is refused, because the arguments may mean something
/// else. For a classic tracepoint: the fields that are read, in <c>struct trace_event_raw_TARGET</c>, or <c>TYPE: fields</c> where the struct has another name.
/// </param>
internal sealed record HookOption(HookSource Source, string Program, string Target, params string[] Needs)
{
    /// <summary>The module that has the tracepoint where the kernel itself does not; null when it is always in the kernel.</summary>
    internal string? Module { get; init; }

    private string ModuleTypes => "/sys/kernel/btf/" + Module;

    /// <summary>Returns why the kernel's types or the machine rule this way out; null when they do not.</summary>
    internal string? Refusal(BtfTypes kernel, HookFacts facts) => Source switch
    {
        HookSource.TpBtf => PrototypeRefusal(kernel, facts),
        HookSource.Tracepoint => facts.HasTraceFs ? FieldRefusal(kernel) : "tracefs cannot be read",
        HookSource.Iterator => kernel.Find(Target, BtfKind.Function) == 0 ? $"this kernel has no function {Target}" : null,
        _ => null,
    };

    private string? PrototypeRefusal(BtfTypes kernel, HookFacts facts)
    {
        if ((TracepointPrototype.Find(kernel, Target) ?? FindInModule(kernel, facts)) is not { } found)
        {
            return Module is null || (facts.IsRunning && File.Exists(ModuleTypes)) ? $"this kernel has no tracepoint {Target}"
                : facts.IsRunning ? $"module {Module}, which has tracepoint {Target}, is not loaded"
                : $"{kernel.Source} has no types of module {Module}, which has tracepoint {Target}";
        }

        string arguments = string.Join(", ", found.Arguments);
        return Needs.Contains(arguments, StringComparer.Ordinal) ? null : $"tracepoint {Target} has the arguments ({arguments}) here, which this version does not know";
    }

    // A module's types continue those of the kernel that it is loaded in.
    private TracepointPrototype? FindInModule(BtfTypes kernel, HookFacts facts)
        => Module is not null && facts.IsRunning && File.Exists(ModuleTypes) ? TracepointPrototype.Find(BtfTypes.Read(File.ReadAllBytes(ModuleTypes), "module " + Module, kernel), Target) : null;

    private string? FieldRefusal(BtfTypes kernel)
    {
        foreach (string need in Needs)
        {
            int colon = need.IndexOf(':', StringComparison.Ordinal);
            string type = colon < 0 ? "trace_event_raw_" + Target : need[..colon];
            int id = kernel.Find(type, BtfKind.Struct);
            if (id == 0)
            {
                return $"this kernel has no tracepoint {Target} (struct {type})";
            }

            foreach (string field in need[(colon + 1)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!HasField(kernel, kernel[id], field))
                {
                    return $"struct {type} has no field {field} here";
                }
            }
        }

        return null;
    }

    private static bool HasField(BtfTypes kernel, BtfType type, string name)
    {
        for (int i = 0; i < type.Length; i++)
        {
            if (kernel.GetString(type.Member(i).NameOffset) == name)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The ways to see an event, the best first.</summary>
/// <param name="Name">The name of the hook in readings and outputs.</param>
/// <param name="Required">Whether the monitor is refused without it; else its figures are absent.</param>
/// <param name="Options">The ways.</param>
internal sealed record HookChain(string Name, bool Required, params HookOption[] Options);

/// <summary>The ways that were chosen on a kernel.</summary>
internal sealed class HookPlan
{
    private readonly List<HookChoice> _choices = [];

    /// <summary>One choice for each chain, in their order.</summary>
    internal IReadOnlyList<HookChoice> Choices => _choices;

    /// <summary>Chooses for each chain the first way that the kernel's types and the machine allow.</summary>
    /// <param name="chains">The chains.</param>
    /// <param name="kernel">The kernel's types.</param>
    /// <param name="facts">What the machine allows.</param>
    internal static HookPlan Resolve(IReadOnlyList<HookChain> chains, BtfTypes kernel, HookFacts facts)
    {
        var plan = new HookPlan();
        foreach (HookChain chain in chains)
        {
            var refusals = new List<string>();
            HookOption? chosen = null;
            foreach (HookOption option in Ordered(chain, facts))
            {
                string? refusal = option.Refusal(kernel, facts);
                if (refusal is null)
                {
                    chosen = option;
                    break;
                }

                refusals.Add($"{option.Source.Name()}: {refusal}");
            }

            plan._choices.Add(new HookChoice(chain, chosen, refusals.Count == 0 ? null : string.Join("; ", refusals)));
        }

        return plan;
    }

    /// <summary>Returns the choice for a hook.</summary>
    internal HookChoice this[string name] => _choices.First(choice => choice.Chain.Name == name);

    /// <summary>Says whether a program is one of those chosen.</summary>
    internal bool Uses(string program) => _choices.Exists(choice => choice.Option?.Program == program);

    // In a preemptible context a second task on the CPU skips a tp_btf program that the first one was preempted in, but not a classic tracepoint's.
    private static IEnumerable<HookOption> Ordered(HookChain chain, HookFacts facts)
        => facts.IsPreemptible ? chain.Options : chain.Options.OrderBy(static option => option.Source == HookSource.Tracepoint ? 1 : 0);
}

/// <summary>What was chosen for a chain.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Option">The way; null when none is possible.</param>
/// <param name="Reason">Why better ways are not possible; null when the first one was chosen.</param>
internal sealed record HookChoice(HookChain Chain, HookOption? Option, string? Reason);
