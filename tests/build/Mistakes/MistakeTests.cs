using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Mistakes;

/// <summary>
/// Mistakes people make (<c>mistakes.tsv</c>): each is reported at its line with a remedy, and with that remedy the input builds and its programs load. Many share a build,
/// since each is a file of its own.
/// </summary>
public sealed partial class MistakeTests(PackedFeed feed)
{
    private const string Here = "/*here*/";
    private const string OfProject = "project:";

    // What the C# of the mistakes uses.
    private const string Packets = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>

        struct event {
        	__u64 time_ns;
        	char comm[16];
        };

        struct {
        	__uint(type, BPF_MAP_TYPE_HASH);
        	__uint(max_entries, 64);
        	__type(key, __u32);
        	__type(value, __u64);
        } by_device SEC(".maps");

        struct {
        	__uint(type, BPF_MAP_TYPE_ARRAY);
        	__uint(max_entries, 4);
        	__type(key, __u32);
        	__type(value, __u64);
        } totals SEC(".maps");

        struct {
        	__uint(type, BPF_MAP_TYPE_RINGBUF);
        	__uint(max_entries, 4096);
        	__type(value, struct event);
        } events SEC(".maps");

        struct traffic {
        	__u64 packets;
        	__u64 bytes;
        };

        struct {
        	__uint(type, BPF_MAP_TYPE_RINGBUF);
        	__uint(max_entries, 4096);
        	__type(value, struct traffic);
        } bursts SEC(".maps");

        struct {
        	__uint(type, BPF_MAP_TYPE_HASH);
        	__uint(max_entries, 64);
        	__type(key, __u32);
        	__type(value, struct traffic);
        } by_queue SEC(".maps");

        struct {
        	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
        	__uint(max_entries, 4);
        	__type(key, __u32);
        	__type(value, __u32);
        } jumps SEC(".maps");

        const volatile __u64 limit = 3;
        __u64 seen;

        SEC("xdp")
        int on_packet(struct xdp_md *ctx)
        {
        	struct event event = { .time_ns = bpf_ktime_get_ns() };

        	if (seen++ < limit)
        		bpf_ringbuf_output(&events, &event, sizeof(event), 0);
        	bpf_tail_call(ctx, &jumps, 0);
        	return XDP_PASS;
        }

        SEC("tc")
        int on_frame(struct __sk_buff *frame)
        {
        	return 0;
        }

        char LICENSE[] SEC("license") = "Dual BSD/GPL";

        """;

    // Runs the mistakes that show only at run time.
    private const string Main = """
        foreach (System.Reflection.MethodInfo run in typeof(Program).Assembly.GetTypes().Where(type => type.Namespace == "App")
            .Select(type => type.GetMethod("Run", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)).OfType<System.Reflection.MethodInfo>())
        {
            try
            {
                run.Invoke(null, null);
            }
            catch (System.Reflection.TargetInvocationException failure)
            {
                System.Console.WriteLine($"{run.DeclaringType!.Name}.cs: {failure.InnerException!.Message}");
            }
        }

        """;

    private static readonly Mistake[] s_all = [.. File.ReadLines(Path.Combine(Folder, "../mistakes.tsv")).Where(static line => !line.StartsWith('#')).Select(Mistake.Read)];

    private static string Folder => Path.Combine(PackedFeed.Repository, "tests/build/Mistakes/Inputs");

    [Fact]
    public void There_are_fifty_mistakes_and_each_input_is_one()
    {
        Assert.True(s_all.Length >= 50, $"{s_all.Length} mistakes");
        Assert.Equal(Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal), s_all.Select(static one => one.Input).Order(StringComparer.Ordinal));
        Assert.Empty(s_all.Select(static one => one.Command).Except(["clang", "compile", "csharp", "analyze", "verify", "run"]));
    }

    [Theory]
    [InlineData("clang")]
    [InlineData("compile")]
    [InlineData("csharp")]
    public void A_mistake_that_does_not_compile_is_reported_at_its_line(string command)
    {
        using UserProject project = Project(command, static one => one.Wrong);

        Told(project, project.Build().Failed().Output, command);
    }

    [Fact]
    public void A_mistake_that_compiles_is_reported_at_its_line()
    {
        using UserProject project = Project("analyze", static one => one.Wrong);

        Told(project, project.Build().Succeeded().Output, "analyze");
    }

    [Fact]
    public void A_mistake_that_the_verifier_rejects_is_reported_at_its_line()
    {
        NeedsRoot();
        using UserProject project = Project("verify", static one => one.Wrong);

        string output = project.Build("-p:BpfVerify=true").Failed().Output;

        Told(project, output, "verify");
        Assert.All(output.Split('\n').Where(static line => line.Contains("HMBPF1030", StringComparison.Ordinal)), static line => Assert.DoesNotContain("xception", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_mistake_that_the_kernel_rejects_at_run_time_is_reported()
    {
        NeedsRoot();
        using UserProject project = Project("run", static one => one.Wrong);
        project.Build().Succeeded();

        string[] lines = Run(project);

        Assert.All(Of("run"), one => Assert.Contains(lines, line => line.StartsWith(one.Input + ": ", StringComparison.Ordinal) && line.Contains(one.Text, StringComparison.Ordinal)));
    }

    [Fact]
    public void With_the_remedies_all_of_them_build_load_and_run()
    {
        using UserProject project = Project(null, static one => one.Right);
        bool verified = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

        // Nothing is reported, and no program is left untried.
        string output = project.Build("-p:TreatWarningsAsErrors=true", $"-p:BpfVerify={verified}").Succeeded().Output;

        Assert.DoesNotContain("HMBPF", string.Join('\n', CodesIn(output)), StringComparison.Ordinal);
        if (verified)
        {
            Assert.Empty(Run(project));
        }
    }

    // Where a message has no line of its own, the file is enough.
    private static void Told(UserProject project, string output, string command)
    {
        string[] lines = output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.All(Of(command), one =>
        {
            int at = Array.FindIndex(one.Wrong.Split('\n'), static line => line.Contains(Here, StringComparison.Ordinal)) + 1;
            string place = at == 0 ? project.PathOf(one.Input) : $"{project.PathOf(one.Input)}({at}";
            Assert.True(
                lines.Any(line => LineNumber().Replace(line, "").StartsWith(place, StringComparison.Ordinal) && line.Contains(one.Text, StringComparison.Ordinal)),
                $"{one.Input}: nothing says '{one.Text}' at {place}, but:\n{string.Join('\n', lines.Where(line => line.Contains(one.Input, StringComparison.Ordinal)).Distinct())}");
        });
    }

    private static IEnumerable<string> CodesIn(string output) => output.Split('\n').Where(static line => Code().IsMatch(line));

    private static string[] Run(UserProject project) => project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<Mistake> Of(string command) => s_all.Where(one => one.Command == command);

    private static void NeedsRoot() => Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root on Linux");

    // The inputs of one command, or all of them.
    private UserProject Project(string? command, Func<Mistake, string> text)
    {
        Mistake[] mistakes = [.. s_all.Where(one => command is null || one.Command == command)];
        string[] settings = command is null ? [.. mistakes.Select(static one => one.ForProject).OfType<string>().Distinct(StringComparer.Ordinal)] : [];
        UserProject project = UserProject.Console(
            feed,
            properties: "<BpfMinimumKernel>7.2</BpfMinimumKernel>" + string.Concat(settings.Where(static setting => !setting.StartsWith("<BpfCompile", StringComparison.Ordinal))),
            items: $"""<PackageReference Include="Hypermesh.Bpf.Testing" Version="{PackedFeed.Version}" />""" + """<BpfCompile Update="newer-helper.bpf.c" MinimumKernel="5.10" />""" + string.Concat(settings.Where(static setting => setting.StartsWith("<BpfCompile", StringComparison.Ordinal))));
        project.Write("packets.bpf.c", Packets);
        project.Write("Main.cs", Main);
        foreach (Mistake one in mistakes)
        {
            project.Write(one.Input, text(one));
        }

        return project;
    }

    [GeneratedRegex(@"\\[nt\\]")]
    private static partial Regex Escape();

    [GeneratedRegex(@"^\d+(:\d+)?>")]
    private static partial Regex LineNumber();

    [GeneratedRegex(@"\b(?:error|warning) HMBPF\d{4}\b|HMBPF1031")]
    private static partial Regex Code();

    /// <summary>A row of the table.</summary>
    /// <param name="Input">The file.</param>
    /// <param name="Command">What finds the mistake.</param>
    /// <param name="Text">What it says.</param>
    /// <param name="Replaced">What is wrong in the file.</param>
    /// <param name="Remedy">What the text says to write instead.</param>
    private sealed record Mistake(string Input, string Command, string Text, string Replaced, string Remedy)
    {
        public string Wrong { get; } = File.ReadAllText(Path.Combine(Folder, Input));

        public string Right => ForProject is null ? Wrong.Replace(Replaced, Remedy, StringComparison.Ordinal) : Wrong;

        /// <summary>What the remedy puts into the project; null where it is about the file.</summary>
        public string? ForProject => Remedy.StartsWith(OfProject, StringComparison.Ordinal) ? Remedy[OfProject.Length..] : null;

        public static Mistake Read(string line)
        {
            string[] fields = line.Split('\t');
            Assert.Equal(5, fields.Length);
            var one = new Mistake(fields[0], fields[1], Plain(fields[2]), Plain(fields[3]), Plain(fields[4]));
            Assert.Contains(one.Replaced, one.Wrong, StringComparison.Ordinal);
            return one;
        }

        private static string Plain(string field)
            => Escape().Replace(field, static match => match.Value switch { "\\n" => "\n", "\\t" => "\t", _ => "\\" });
    }
}
