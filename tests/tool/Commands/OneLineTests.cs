using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Hypermesh.Bpf.Tool.Commands;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>Monitors in one line: figures of a counted stimulus, hooks, and error messages.</summary>
public sealed class OneLineTests
{
    private const int Failure = 1;
    private const int Usage = 2;
    private const int Programs = 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_counted_stimulus_is_counted_exactly_by_its_key()
    {
        Hmbpf.NeedsRoot();
        JsonElement result = Stimulate("count", "sched_process_exec", "--by", "comm,pid", "--where", "comm == \"one-line-test\"")[^1];

        JsonElement[] entries = [.. result.GetProperty("maps").GetProperty("count").EnumerateArray()];
        Assert.Equal(["count"], result.GetProperty("maps").EnumerateObject().Select(static map => map.Name));
        Assert.Equal(Programs, entries.Sum(static entry => entry.GetProperty("value").GetInt32()));
        Assert.Equal(Programs, entries.Select(static entry => entry.GetProperty("key").GetProperty("pid").GetInt32()).Distinct().Count());
        Assert.All(entries, static entry => Assert.Equal("one-line-test", entry.GetProperty("key").GetProperty("comm").GetString()));
        Assert.Equal(0, result.GetProperty("globals").GetProperty("lost").GetInt32());
    }

    [Fact]
    public void Events_are_objects_a_line_with_texts_of_the_kernel()
    {
        Hmbpf.NeedsRoot();
        JsonElement[] lines = Stimulate("trace", "sched_process_exec", "pid,comm", "str(bprm->filename)", "--where", "comm == \"one-line-test\"");

        Assert.Equal(Programs, lines.Length - 1);
        Assert.All(lines[..^1], static line => Assert.EndsWith("/one-line-test", line.GetProperty("event").GetProperty("str_bprm_filename").GetString(), StringComparison.Ordinal));
        Assert.Equal(0, lines[^1].GetProperty("dropped").GetInt32());
    }

    [Fact]
    public void For_people_a_count_is_a_number_and_a_histogram_is_drawn()
    {
        Hmbpf.NeedsRoot();
        Hmbpf.Outcome count = Hmbpf.Run("count", "tp_btf/sched_switch", "--seconds", "1");
        Hmbpf.Outcome histogram = Hmbpf.Run("lhist", "sched_switch", "prev->prio", "0,140,20", "--seconds", "1");

        Assert.Equal((0, "", 0, ""), (count.ExitCode, count.Error, histogram.ExitCode, histogram.Error));
        Assert.Matches(@"^\ncount\nVALUE\n +[1-9]\d*\n$", count.Output);
        Assert.Matches(@"^\nhist\ncount [1-9]\d*  total [1-9]\d*  negative 0\n", histogram.Output);
        Assert.Matches(@"\n\[120, 140\) +[1-9]\d* \|@", histogram.Output);
    }

    [Theory]
    [InlineData("in the same thread (tid), since --match names nothing else")]
    [InlineData("with the same p->pid=next->pid", "--match", "p->pid=next->pid")]
    public void For_people_a_latency_names_what_is_equal_at_both_hooks(string same, params string[] match)
    {
        Hmbpf.NeedsRoot();
        Hmbpf.Outcome outcome = Hmbpf.Run(["latency", "sched_wakeup", "sched_switch", "--seconds", "1", .. match]);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.StartsWith($"\nnanoseconds from sched_wakeup to sched_switch {same}", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Hooks_are_listed_with_their_arguments()
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("hooks", "-v", "tp_btf/sched_swi?ch", "--json");

        JsonElement hook = Assert.Single(outcome.Json.GetProperty("hooks").EnumerateArray());
        Assert.Equal("tp_btf/sched_switch", hook.GetProperty("hook").GetString());
        JsonElement[] arguments = [.. hook.GetProperty("arguments").EnumerateArray()];
        Assert.Contains(arguments, static one => one.GetProperty("name").GetString() == "next" && one.GetProperty("type").GetString() == "struct task_struct *");
        Assert.StartsWith("tp_btf/sched_switch\n    ", Hmbpf.Run("hooks", "-v", "tp_btf/sched_switch").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hmbpf: This kernel has no hook 'sched_swich'. Did you mean sched_switch? 'hmbpf hooks' lists what can be attached.\n", "count", "sched_swich")]
    [InlineData("hmbpf: Expression 'prev->com', character 5: struct task_struct of this kernel has no member 'com'.", "count", "sched_switch", "--by", "prev->com")]
    [InlineData("hmbpf: Expression 'prev->comm = 3', character 12: Expected the end, not '='. To compare, write ==.\n", "count", "sched_switch", "--where", "prev->comm = 3")]
    [InlineData("hmbpf: Expression 'prev->comm', character 5: This is a string, and a number is needed.\n", "hist", "sched_switch", "prev->comm")]
    [InlineData("hmbpf: tp_btf/* stands for ", "count", "tp_btf/*")]
    [InlineData("hmbpf: This kernel has no hook 'nothing_at_all'.\n", "hooks", "nothing_at_all")]
    public void A_mistake_is_one_line(string message, params string[] arguments)
    {
        Hmbpf.Outcome outcome = Hmbpf.Run(arguments);

        Assert.Equal((Failure, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith(message, outcome.Error, StringComparison.Ordinal);
        Assert.Equal(1, outcome.Error.Count(static one => one == '\n'));
    }

    [Theory]
    [InlineData("hmbpf: '0,100' is not a range: write FROM,END,STEP, such as 0,2000,200. See 'hmbpf lhist --help'.\n", "lhist", "sched_switch", "cpu", "0,100")]
    [InlineData("hmbpf: A range of 0 to 1000000 in steps of 1 is not possible", "lhist", "sched_switch", "cpu", "0,1000000,1")]
    [InlineData("hmbpf: EXPR is empty. Is a variable of the shell not set?", "sum", "sched_switch", "")]
    [InlineData("hmbpf: --where is empty. Is a variable of the shell not set?", "count", "sched_switch", "--where", "")]
    [InlineData("hmbpf: --by is empty. Is a variable of the shell not set?", "count", "sched_switch", "--by", "")]
    [InlineData("hmbpf: A range of 5 to 1 in steps of 1 is not possible", "lhist", "sched_switch", "cpu", "5,1,1")]
    public void A_value_that_cannot_be_is_refused(string message, params string[] arguments)
    {
        Hmbpf.Outcome outcome = Hmbpf.Run(arguments);

        Assert.Equal((Usage, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith(message, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b", "a", "b")]
    [InlineData(" a , b->c ", "a", "b->c")]
    [InlineData("f(a,b),c[1,2]", "f(a,b)", "c[1,2]")]
    [InlineData("a == \"x,y\",'p,q'", "a == \"x,y\"", "'p,q'")]
    [InlineData("a == \"x\\\",y\",b", "a == \"x\\\",y\"", "b")]
    [InlineData("")]
    [InlineData(null)]
    public void A_list_is_split_outside_of_texts_and_parentheses(string? text, params string[] parts) => Assert.Equal(parts, OneLineCommands.ReadList(text));

    // Starts programs under a name of their own, after the command is attached.
    private static JsonElement[] Stimulate(params string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("hmbpf-line-").FullName;
        try
        {
            string program = Path.Combine(folder, "one-line-test");
            File.CreateSymbolicLink(program, "/bin/true");
            using Process process = Hmbpf.StartIn(folder, [.. arguments, "--json"]);
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Attached(process);
            for (int i = 0; i < Programs; i++)
            {
                using Process one = Process.Start(program);
                one.WaitForExit();
            }

            using (Process interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                interrupt.WaitForExit();
            }

            process.WaitForExit();
            Assert.Equal((0, ""), (process.ExitCode, process.StandardError.ReadToEnd()));
            return [.. output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A descriptor of a link says so: nothing is printed before the first event.
    private static void Attached(Process process)
    {
        var waited = Stopwatch.StartNew();
        while (!Directory.EnumerateFiles($"/proc/{process.Id}/fdinfo").Any(static file => Text(file).Contains("link_type", StringComparison.Ordinal)))
        {
            Assert.False(process.HasExited || waited.Elapsed > s_patience, "nothing was attached");
            Thread.Sleep(20);
        }
    }

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            // The descriptor was closed meanwhile.
            return "";
        }
    }
}
