using System.CommandLine;
using System.Globalization;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Compilation.Expressions;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Running;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf count</c>, <c>sum</c>, <c>hist</c>, <c>lhist</c>, <c>latency</c> and <c>trace</c>: a monitor in one line, without clang.</summary>
internal static class OneLineCommands
{
    private static readonly string s_grammar = "In expressions: the arguments and fields of the hook (hmbpf hooks -v HOOK lists them; args.NAME where a word below has the same name), a->b and a.b, a[1], str(a); "
        + $"{string.Join(", ", ExpressionCompiler.Words)}; numbers, \"strings\", and C's operators.";

    internal static ToolCommand Count()
    {
        var line = new Line("count", "Counts how often a hook is reached.");
        return line.Does(static (builder, _) => (builder.Count(), new RunView("count")))
            .Example("sudo hmbpf count sched_switch --by prev->comm --seconds 5", "switches by the task that left the CPU")
            .Example("sudo hmbpf count 'tracepoint:syscalls:sys_enter_*' --by comm,probe", "system calls by process and call");
    }

    internal static ToolCommand Sum()
    {
        var line = new Line("sum", "Adds up a number at each call of a hook.");
        Argument<string> expression = line.Expression();
        return line.Does((builder, arguments) => (builder.Sum(arguments.GetValue(expression)!), new RunView("sum")))
            .Example("sudo hmbpf sum tracepoint:syscalls:sys_exit_read ret --by comm --where 'ret > 0'", "bytes read by process");
    }

    internal static ToolCommand Hist()
    {
        var line = new Line("hist", "Counts a number in slots of powers of two.");
        Argument<string> expression = line.Expression();
        return line.Does((builder, arguments) => (builder.Histogram(arguments.GetValue(expression)!), new RunView("hist")))
            .Example("sudo hmbpf hist tracepoint:block:block_rq_issue bytes", "sizes of disk requests");
    }

    internal static ToolCommand LinearHist()
    {
        var line = new Line("lhist", "Counts a number in slots of one width.");
        Argument<string> expression = line.Expression();
        var range = new Argument<BpfLinearRange>("FROM,END,STEP")
        {
            Description = "The slots: from a number up to another one, in steps.",
            CustomParser = static result => ReadRange(result.Tokens[0].Value, result.AddError)!,
        };
        line.Add(range);
        return line.Does((builder, arguments) => (builder.Histogram(arguments.GetValue(expression)!, arguments.GetValue(range)!), new RunView("hist", arguments.GetValue(range))))
            .Example("sudo hmbpf lhist tracepoint:syscalls:sys_exit_read ret 0,2000,200", "sizes of reads up to 2,000 bytes, in steps of 200");
    }

    internal static ToolCommand Latency()
    {
        var line = new Line("latency", "Measures the nanoseconds between two hooks, in slots of powers of two. The condition and the keys are those of the second one, and may use elapsed.", hook: "END");
        var start = new Argument<string>("START") { Description = "The hook from which time is measured." };
        start.Validators.Add(CommonOptions.RefuseMistakes);
        line.Insert(start);
        var match = new Option<string>("--match") { Description = "What is equal at both hooks, as START=END where it has another name at each; the thread (tid) unless given.", HelpName = "KEY[,KEY]" };
        match.Validators.Add(CommonOptions.RefuseEmpty);
        line.Add(match);
        return line.Does((builder, arguments) => (builder.Since(arguments.GetValue(start)!, ReadList(arguments.GetValue(match))).Histogram("elapsed"), new RunView("hist", Title: Title(arguments))))
            .Example("sudo hmbpf latency t:syscalls:sys_enter_fsync t:syscalls:sys_exit_fsync --by comm", "how long fsync takes")
            .Example("sudo hmbpf latency sched_wakeup sched_switch --match 'p->pid=next->pid'", "how long tasks wait for a CPU after they were woken")
            .Example("sudo hmbpf latency block_rq_issue block_rq_complete --match rq", "how long disks take");

        string Title(ParseResult arguments)
        {
            string same = arguments.GetValue(match) is { } keys ? $"with the same {keys}" : "in the same thread (tid), since --match names nothing else";
            return $"nanoseconds from {arguments.GetValue(start)} to {arguments.GetValue(line.Hook)} {same}";
        }
    }

    internal static ToolCommand Trace()
    {
        var line = new Line("trace", "Prints a line for each call of a hook.", hasKeys: false);
        var expressions = new Argument<string[]>("EXPR") { Description = "What is printed; pid, comm and the hook's numbers and strings unless given.", Arity = ArgumentArity.ZeroOrMore };
        expressions.Validators.Add(CommonOptions.RefuseEmpty);
        line.Add(expressions);
        return line.Does((builder, arguments) => (builder.Trace([.. (arguments.GetValue(expressions) ?? []).SelectMany(ReadList)]), new RunView("events")))
            .Example("sudo hmbpf trace sched_process_exec pid comm 'str(bprm->filename)'", "programs that are started")
            .Example("sudo hmbpf trace t:syscalls:sys_enter_openat comm filename --where 'uid != 0'", "files that other users open");
    }

    private static BpfLinearRange? ReadRange(string text, Action<string> fault)
    {
        long[] numbers = [.. text.Split(',').Select(static part => long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : (long?)null).OfType<long>()];
        try
        {
            if (numbers is [long from, long end, long step] && text.Count(static one => one == ',') == 2)
            {
                return new BpfLinearRange(from, end, step);
            }

            fault($"'{text}' is not a range: write FROM,END,STEP, such as 0,2000,200.");
        }
        catch (ArgumentException reason)
        {
            fault(reason.Message);
        }

        return null;
    }

    /// <summary>Splits a list at the commas that are in no text and in no parentheses.</summary>
    internal static string[] ReadList(string? text)
    {
        var parts = new List<string>();
        int begin = 0, depth = 0;
        char quote = '\0';
        text ??= "";
        for (int i = 0; i < text.Length; i++)
        {
            char one = text[i];
            if (quote != '\0')
            {
                i += one == '\\' ? 1 : 0;
                quote = one == quote ? '\0' : quote;
            }
            else if (one is '"' or '\'')
            {
                quote = one;
            }
            else if (one == ',' && depth == 0)
            {
                parts.Add(text[begin..i]);
                begin = i + 1;
            }

            depth += one is '(' or '[' ? 1 : one is ')' or ']' ? -1 : 0;
        }

        parts.Add(text[begin..]);
        return [.. parts.Select(static part => part.Trim()).Where(static part => part.Length > 0)];
    }

    /// <summary>A command that builds a monitor of a hook.</summary>
    private sealed class Line
    {
        private readonly ToolCommand _command;
        private readonly Option<string> _where = new("--where") { Description = $"Only the calls for which this is not 0. {s_grammar}", HelpName = "EXPR" };
        private readonly Option<string[]> _by = new("--by") { Description = "Separately for each combination of these values.", HelpName = "KEY[,KEY]" };
        private readonly Option<int?> _seconds = MonitorArguments.Seconds("End after this time, instead of with Ctrl-C.");
        private readonly Option<bool> _log = CommonOptions.Log();

        internal Line(string name, string description, bool hasKeys = true, string hook = "HOOK")
        {
            Hook = new Argument<string>(hook)
            {
                Description = "A tracepoint (sched_switch), a section (tp_btf/sched_switch, kprobe/vfs_read), or a probe of bpftrace (tracepoint:sched:sched_switch, t:, k:, kr:, f:, u:); * and ? stand for several.",
            };
            Hook.Validators.Add(CommonOptions.RefuseMistakes);
            _where.Validators.Add(CommonOptions.RefuseEmpty);
            _by.Validators.Add(CommonOptions.RefuseEmpty);
            _command = new ToolCommand(name, $"{description} Requires CAP_BPF and CAP_PERFMON; nothing stays attached.") { Hook };
            if (hasKeys)
            {
                _command.Add(_by);
            }

            _command.Add(_where);
            _command.Add(_seconds);
            _command.Add(_log);
        }

        internal Argument<string> Hook { get; }

        internal Argument<string> Expression()
        {
            var expression = new Argument<string>("EXPR") { Description = "A number of the hook, such as args.bytes or prev->prio." };
            expression.Validators.Add(CommonOptions.RefuseEmpty);
            _command.Add(expression);
            return expression;
        }

        internal void Add(Argument argument) => _command.Add(argument);

        internal void Add(Option option) => _command.Add(option);

        internal void Insert(Argument argument) => _command.Arguments.Insert(0, argument);

        internal ToolCommand Does(Func<BpfMonitorBuilder, ParseResult, (BpfObjectSpec Spec, RunView View)> build) => _command.Does((arguments, terminal, stop) =>
        {
            BpfMonitorBuilder builder = BpfMonitorBuilder.On(arguments.GetValue(Hook)!).By([.. (arguments.GetValue(_by) ?? []).SelectMany(ReadList)]);
            if (arguments.GetValue(_where) is { Length: > 0 } where)
            {
                builder.Where(where);
            }

            (BpfObjectSpec spec, RunView view) = build(builder, arguments);
            return RunSession.Run(spec, [], view, arguments.GetValue(_seconds), arguments.GetValue(_log), reload: null, handover: null, terminal, stop);
        });
    }
}
