using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>What the parameters of the templates leave out, of a process that does everything twenty times. What they show without parameters is in TemplatePeerTests.</summary>
public sealed class TemplateParameterTests : IDisposable
{
    private const string Name = "template-params";

    // Waits for its input until the template is attached, and again until it has ended. The numbers are stat, fsync, nanosleep, and one that no system call has.
    private const string Script = """
        $| = 1;
        $SIG{USR1} = sub { };
        my ($some, $none, $into) = ("/", "/nonexistent/some", "\0" x 256);
        my ($short, $long) = (pack("q q", 0, 1000000), pack("q q", 0, 2000000));
        open(my $file, "<", "/etc/passwd");
        print "ready\n";
        <STDIN>;
        for (1..20) {
            kill 10, $$;
            kill 10, 2000000000;
            kill 0, $$;
            syscall(4, $some, $into);
            syscall(4, $none, $into);
            syscall(74, fileno $file);
            syscall(74, -1);
            syscall(35, $short, 0);
            syscall(35, $long, 0);
            syscall(500);
            open(my $missing, "<", $none);
            open(my $other, "<", "/etc/passwd");
            my $child = fork;
            if (!$child) {
                exec { $none } $none;
                exec { "/bin/true" } "true", "of-template-params";
            }
            waitpid $child, 0;
        }
        print "done\n";
        <STDIN>;
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-params-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("execsnoop", "parent=PID", 40)]
    [InlineData("execsnoop", "parent=PID failed=true", 20)]
    [InlineData("killsnoop", "pid=PID signal=10", 40)]
    [InlineData("killsnoop", "pid=PID failed=true", 20)]
    [InlineData("killsnoop", "pid=1", 0)]
    [InlineData("naptime", "pid=PID", 40)]
    [InlineData("naptime", "pid=PID min_us=2000", 20)]
    [InlineData("opensnoop", "pid=PID failed=true", 20)]
    [InlineData("statsnoop", "pid=PID", 60)] // Each open of a file asks for its attributes too.
    [InlineData("statsnoop", "pid=PID failed=true", 20)]
    [InlineData("syncsnoop", "pid=PID failed=true", 20)]
    public void Only_events_that_the_parameters_ask_for_are_shown(string template, string parameters, int count)
    {
        (JsonElement[] lines, int process) = Run(template, parameters);

        JsonElement[] events = [.. lines[..^1].Select(static line => line.GetProperty("event"))];
        string by = template == "execsnoop" ? "parent" : "pid";
        if (parameters.Contains("PID", StringComparison.Ordinal))
        {
            Assert.All(events, one => Assert.Equal(process, one.GetProperty(by).GetInt32()));
            Assert.Equal(count, events.Length);
        }
        else
        {
            Assert.DoesNotContain(events, one => one.GetProperty(by).GetInt32() == process);
        }
    }

    [Fact]
    public void Only_what_one_process_starts_is_counted()
    {
        JsonElement maps = Run("pidpersec", "pid=PID").Lines[^1].GetProperty("maps");

        Assert.Equal(Name, Assert.Single(maps.GetProperty("by_command").EnumerateArray()).GetProperty("key").GetProperty("comm").GetString());
        Assert.Equal((20, 0), (Sum("by_command", "processes"), Sum("by_command", "threads")));
        Assert.Equal((20, 0), (Sum("by_second", "processes"), Sum("by_second", "threads")));

        int Sum(string map, string member) => maps.GetProperty(map).EnumerateArray().Sum(one => one.GetProperty("value").GetProperty(member).GetInt32());
    }

    [Fact]
    public void Short_waits_are_left_out()
        => Assert.Equal(0, Assert.Single(Run("runqlat", "pid=PID min_us=60000000").Lines[^1].GetProperty("maps").GetProperty("latency").EnumerateArray()).GetProperty("value").GetProperty("count").GetInt64());

    [Fact]
    public void Only_the_calls_of_one_process_are_counted()
    {
        JsonElement maps = Run("syscount", "pid=PID").Lines[^1].GetProperty("maps");

        JsonElement calls = Assert.Single(maps.GetProperty("calls").EnumerateArray());
        Assert.Equal(Name, calls.GetProperty("key").GetProperty("comm").GetString());
        Assert.Equal(calls.GetProperty("value").GetInt64(), maps.GetProperty("by_number").EnumerateArray().Sum(static one => one.GetProperty("value").GetInt64()));
        Assert.Equal(20, maps.GetProperty("by_number").EnumerateArray().Single(static one => one.GetProperty("key").GetInt32() == 500).GetProperty("value").GetInt32());
    }

    [Theory]
    [InlineData("direction=BOTH", 30, 4096 + 16384 + 4096)]
    [InlineData("direction=READS", 20, 4096 + 16384)]
    [InlineData("direction=WRITES", 10, 4096)]
    [InlineData("min_bytes=16384", 10, 16384)]
    [InlineData("min_bytes=16385", 0, 0)]
    public void Only_requests_that_the_parameters_ask_for_are_counted(string parameters, int count, int bytes)
    {
        Hmbpf.NeedsRoot();
        // Beside the tests, since /tmp may be in memory.
        string data = Path.Combine(AppContext.BaseDirectory, $"{Name}-{Environment.ProcessId}");
        try
        {
            using (FileStream file = File.Create(data))
            {
                file.Write(new byte[1 << 20]);
                file.Flush(flushToDisk: true);
            }

            // The program itself, and what it reads at its end, is in memory by then.
            Requests();
            string output = Peers.Watch(Requests, [Hmbpf.Dotnet, Hmbpf.Command, "run", "bitesize", "--set", parameters, "--json"])[0];

            JsonElement[] sizes = [.. Peers.Objects(output)[^1].GetProperty("maps").GetProperty("sizes").EnumerateArray().Where(static one => one.GetProperty("key").GetProperty("comm").GetString() == Name).Select(static one => one.GetProperty("value"))];
            Assert.Equal((count, 10L * bytes), (sizes.Sum(static one => one.GetProperty("count").GetInt64()), sizes.Sum(static one => one.GetProperty("total_bytes").GetInt64())));
        }
        finally
        {
            File.Delete(data);
        }

        void Requests()
        {
            Dd($"if={data}", "of=/dev/null", "iflag=direct", "bs=4k", "count=10");
            Dd($"if={data}", "of=/dev/null", "iflag=direct", "bs=16k", "count=10");
            Dd("if=/dev/zero", $"of={data}", "oflag=direct", "conv=notrunc", "bs=4k", "count=10");
        }

        void Dd(params string[] arguments) => Peers.RunToEnd(_folder, Name, "/bin/dd", arguments);
    }

    private (JsonElement[] Lines, int Process) Run(string template, string parameters)
    {
        Hmbpf.NeedsRoot();
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the stimulus makes system calls by their numbers on x86-64");
        string script = Path.Combine(_folder, "script.pl");
        File.WriteAllText(script, Script);
        using Process stimulus = Peers.Start(_folder, Name, "/usr/bin/perl", script);
        Assert.Equal("ready", stimulus.StandardOutput.ReadLine());
        string id = stimulus.Id.ToString(CultureInfo.InvariantCulture);
        string[] sets = [.. parameters.Replace("PID", id, StringComparison.Ordinal).Split(' ').SelectMany(static one => (string[])["--set", one])];
        string[] outputs = Peers.Watch(() =>
        {
            stimulus.StandardInput.WriteLine("go");
            stimulus.StandardInput.Flush();
            Assert.Equal("done", stimulus.StandardOutput.ReadLine());
        }, [Hmbpf.Dotnet, Hmbpf.Command, "run", template, .. sets, "--json"]);
        stimulus.StandardInput.Close();
        stimulus.WaitForExit();
        Assert.Equal(0, stimulus.ExitCode);
        return (Peers.Objects(outputs[0]), stimulus.Id);
    }
}
