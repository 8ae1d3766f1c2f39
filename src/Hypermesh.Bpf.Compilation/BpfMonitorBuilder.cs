using Hypermesh.Bpf.Compilation.Building;
using Hypermesh.Bpf.Compilation.Expressions;
using Hypermesh.Bpf.Compilation.Hooks;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation;

/// <summary>
/// Builds a monitor without C and without clang: hooks, a condition, keys, and what is made of the calls. Expressions are those of the one-line commands of <c>hmbpf</c>: arguments and fields of the hook by
/// the running kernel's types, <c>comm</c>, <c>pid</c>, <c>tid</c>, <c>uid</c>, <c>gid</c>, <c>cpu</c>, <c>cgroup</c>, <c>nsecs</c>, <c>probe</c>, <c>kstack</c>, <c>ustack</c>, and C's operators. The object runs on the kernel that it was
/// built on. Requires Linux 5.5 with BTF, and for events 5.8; loading requires CAP_BPF and CAP_PERFMON.
/// </summary>
/// <example>
/// <code>
/// BpfObjectSpec spec = BpfMonitorBuilder.On("tp_btf/sched_switch").Where("prev->pid != 0").By("prev->comm").Count();
/// using BpfObject monitor = BpfObject.Load(spec);
/// monitor.Attach();
/// Thread.Sleep(1000);
/// foreach (BpfMapEntry entry in new BpfObjectValues(spec, monitor).ReadMap("count")) { … }
/// </code>
/// </example>
public sealed class BpfMonitorBuilder
{
    private const string DefaultMatch = "tid";
    private const string ObjectName = "monitor";

    private readonly IReadOnlyList<string> _hooks;
    private IReadOnlyList<string> _starts = [];
    private IReadOnlyList<string> _matching = [];
    private IReadOnlyList<string> _keys = [];
    private string? _where;

    private BpfMonitorBuilder(IReadOnlyList<string> hooks) => _hooks = hooks;

    /// <summary>Begins with the hooks.</summary>
    /// <param name="hooks">Each as in a section (<c>tp_btf/sched_switch</c>) or as a probe of bpftrace (<c>tracepoint:sched:sched_switch</c>, <c>k:vfs_read</c>); <c>*</c> and <c>?</c> stand for several.</param>
    public static BpfMonitorBuilder On(params string[] hooks)
    {
        ArgumentNullException.ThrowIfNull(hooks);
        return hooks.Length > 0 ? new BpfMonitorBuilder([.. hooks]) : throw new ArgumentException("A monitor needs a hook.", nameof(hooks));
    }

    /// <summary>Measures the time since another hook: expressions may use <c>elapsed</c>, in nanoseconds. A call for which no start was seen is left out.</summary>
    /// <param name="start">The hook from which time is measured.</param>
    /// <param name="matching">The expressions that are equal at a start and its end, or <c>START=END</c> where the value has another name at each, such as <c>p->pid=next->pid</c>; the thread (<c>tid</c>) when there are none.</param>
    public BpfMonitorBuilder Since(string start, params string[] matching)
    {
        ArgumentException.ThrowIfNullOrEmpty(start);
        ArgumentNullException.ThrowIfNull(matching);
        _starts = [start];
        _matching = matching.Length > 0 ? [.. matching] : [DefaultMatch];
        return this;
    }

    /// <summary>Takes only the calls for which the expression is not 0.</summary>
    /// <param name="expression">The condition.</param>
    public BpfMonitorBuilder Where(string expression)
    {
        ArgumentException.ThrowIfNullOrEmpty(expression);
        _where = _where is null ? expression : $"({_where}) && ({expression})";
        return this;
    }

    /// <summary>Counts separately for each combination of these values.</summary>
    /// <param name="keys">The expressions: numbers or strings.</param>
    public BpfMonitorBuilder By(params string[] keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _keys = [.. _keys, .. keys];
        return this;
    }

    /// <summary>Counts calls: map <c>count</c>.</summary>
    /// <exception cref="BpfException">A hook, argument, field or expression is not possible on this kernel; the message says where, and the most similar names.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel has no BTF.</exception>
    public BpfObjectSpec Count() => Build(new Aggregation.Count());

    /// <summary>Adds up a number: map <c>sum</c>.</summary>
    /// <param name="expression">The number.</param>
    /// <inheritdoc cref="Count"/>
    public BpfObjectSpec Sum(string expression)
    {
        ArgumentException.ThrowIfNullOrEmpty(expression);
        return Build(new Aggregation.Sum(expression));
    }

    /// <summary>Counts a number in slots of powers of two: map <c>hist</c> with <c>count</c>, <c>total</c>, <c>negative</c> (values below 0, in no slot) and <c>slots</c>, where slot n holds 2^n up to 2^(n+1) - 1, and slot 0 also 0.</summary>
    /// <param name="expression">The number.</param>
    /// <inheritdoc cref="Count"/>
    public BpfObjectSpec Histogram(string expression)
    {
        ArgumentException.ThrowIfNullOrEmpty(expression);
        return Build(new Aggregation.Histogram(expression));
    }

    /// <summary>Counts a number in slots of one width: map <c>hist</c> with <c>count</c>, <c>total</c> and <c>linear</c>, whose first element counts what is below the range and whose last one what is above.</summary>
    /// <param name="expression">The number.</param>
    /// <param name="range">The slots.</param>
    /// <inheritdoc cref="Count"/>
    public BpfObjectSpec Histogram(string expression, BpfLinearRange range)
    {
        ArgumentException.ThrowIfNullOrEmpty(expression);
        ArgumentNullException.ThrowIfNull(range);
        return Build(new Aggregation.LinearHistogram(expression, range));
    }

    /// <summary>Writes an event for each call: ring buffer <c>events</c>; events for which it has no room are counted.</summary>
    /// <param name="expressions">The members of the event. Without any: <c>pid</c>, <c>comm</c>, and the hook's numbers and strings.</param>
    /// <inheritdoc cref="Count"/>
    public BpfObjectSpec Trace(params string[] expressions)
    {
        ArgumentNullException.ThrowIfNull(expressions);
        return Build(new Aggregation.Trace([.. expressions]));
    }

    private BpfObjectSpec Build(Aggregation aggregation)
    {
        using KernelBtf kernel = KernelBtf.Borrow();
        BtfTypes types = kernel.Types;
        var catalog = new HookCatalog(types, LinuxKernel.Instance);
        Hook[] hooks = [.. _hooks.SelectMany(catalog.Find)];
        var plan = new MonitorPlan
        {
            Hooks = hooks,
            Starts = [.. _starts.SelectMany(catalog.Find)],
            Matching = [.. _matching.Select(MatchedValue.Read)],
            Where = _where,
            Keys = _keys,
            Aggregation = aggregation is Aggregation.Trace { Expressions.Count: 0 } ? new Aggregation.Trace(Default(hooks, types)) : aggregation,
        };
        return BpfObjectSpec.Read(MonitorAssembler.Assemble(plan, types), ObjectName);
    }

    private static bool IsText(HookArgument argument, BtfTypes types) => argument.Pointee != 0 && types[types.SkipModifiers(argument.Pointee)] is { Kind: BtfKind.Int, Size: 1, Name: "char" };

    // The arguments that all of the hooks have.
    private static string[] Default(Hook[] hooks, BtfTypes types)
        => ["pid", "comm", .. hooks[0].Arguments.Where(one => (!one.IsPointer || IsText(one, types)) && Array.TrueForAll(hooks, hook => hook.Find(one.Name) is not null)).Select(static one => ExpressionCompiler.Words.Contains(one.Name) ? "args." + one.Name : one.Name)];
}
