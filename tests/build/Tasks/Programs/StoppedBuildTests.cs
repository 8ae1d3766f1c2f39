using System.Diagnostics;
using System.Globalization;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Programs;

/// <summary>A build that is stopped, by its user or by a full disk, ends at once and with a message.</summary>
public sealed class StoppedBuildTests(PackedFeed feed)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("sleep 900")]
    [InlineData("sleep 900 & wait")]
    [InlineData("setsid sleep 900")]
    [InlineData("sh -c 'sleep 900 & wait'")]
    public void A_cancelled_build_ends_with_what_the_clang_wrapper_started(string waits)
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        string started = project.PathOf("started");
        // The last program it starts keeps the pipes of the wrapper open.
        UserProject.WriteProgram(project.Clang, $"case \"$*\" in *.rsp*) echo $$ > '{started}'; {waits};; *) exec '{feed.Clang}' \"$@\";; esac");
        project.Run("restore").Succeeded();

        // A shell that runs the tests in its background has them, and what they start, ignore the signal.
        using Process build = DotNet.Start("env", project.Folder, project.Environment, ["--default-signal=INT", DotNet.Program, "build", "--no-restore", "-nodeReuse:false"]);
        int wrapper = WaitForNumber(started);
        int[] family = Descendants(wrapper);
        Assert.NotEmpty(family);
        using (Process interrupt = Process.Start("kill", ["-INT", build.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            interrupt.WaitForExit();
        }

        bool ended = build.WaitForExit(s_patience);
        if (!ended)
        {
            build.Kill(entireProcessTree: true);
        }

        Assert.True(ended, "the build did not end");
        Assert.NotEqual(0, build.ExitCode);
        Assert.All(family.Append(wrapper), id => Assert.False(IsRunning(id), $"{id} is still there"));
    }

    [Fact]
    public void A_process_that_a_wrapper_leaves_behind_does_not_hold_up_the_build()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("one = 1;", "one = 1, spare;", StringComparison.Ordinal));
        string server = project.PathOf("server");
        // As a compiler cache starts its server, which inherits the pipes of the compiler.
        UserProject.WriteProgram(project.Clang, $"case \"$*\" in *.rsp*) sleep 900 & echo $! > '{server}';; esac; exec '{feed.Clang}' \"$@\"");

        try
        {
            Stopwatch watch = Stopwatch.StartNew();
            BuildResult build = project.Build().Succeeded();

            Assert.True(watch.Elapsed < s_patience + s_patience, $"the build took {watch.Elapsed}");
            Assert.Single(build.Diagnostics("HMBPF1002"));
        }
        finally
        {
            using Process left = Process.GetProcessById(int.Parse(File.ReadAllText(server), CultureInfo.InvariantCulture));
            left.Kill();
        }
    }

    // Each is full at another file: what clang said of itself, its arguments, its object, the stripped one, the carrier, the stamp.
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(20)]
    [InlineData(28)]
    [InlineData(36)]
    public void A_full_disk_is_reported(int kilobytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A small disk of its own is mounted, which takes root.");
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        string outputs = Directory.CreateDirectory(project.Output("")).FullName;
        project.Run("restore").Succeeded();

        // In a mount namespace of its own, with which the disk goes. The compiler server does not see that disk.
        project.Environment["UseSharedCompilation"] = "false";
        (int exitCode, string output) = DotNet.Run(
            "unshare", project.Folder, project.Environment,
            ["-m", "sh", "-c", $"mount -t tmpfs -o size={kilobytes}k none '{outputs}' && exec \"$@\"", "sh", DotNet.Program, "build", "--no-restore", "-nodeReuse:false"]);
        var build = new BuildResult(exitCode, output, 0);

        string[] errors = [.. build.Failed().Diagnostics(@"\w+").Where(line => line.Contains("error ", StringComparison.Ordinal))];
        Assert.NotEmpty(errors);
        Assert.All(errors, error => Assert.Contains("error HMBPF", error, StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("o space left on device", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);

        project.Build("--no-restore").Succeeded();
    }

    [Fact]
    public void A_folder_that_is_a_file_is_one_message()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("obj/Debug/net10.0/bpf", "");

        BuildResult build = project.Build().Failed();

        Assert.Contains("obj/Debug/net10.0/bpf", Assert.Single(build.Diagnostics("HMBPF0020")), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", build.Output, StringComparison.Ordinal);
    }

    private static int WaitForNumber(string file)
    {
        for (Stopwatch waited = Stopwatch.StartNew(); waited.Elapsed < s_patience; Thread.Sleep(50))
        {
            if (File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out int number) && Descendants(number).Length > 0)
            {
                return number;
            }
        }

        throw new TimeoutException("clang's wrapper was not started");
    }

    private static int[] Descendants(int parent)
        => [.. Processes().Where(process => process.Parent == parent).SelectMany(process => Descendants(process.Id).Prepend(process.Id))];

    private static bool IsRunning(int id) => Processes().Any(process => process.Id == id);

    // Without those that have ended and wait for their parent (state Z).
    private static IEnumerable<(int Id, int Parent)> Processes()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id) && StatOf(id) is { } stat)
            {
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[0] != "Z")
                {
                    yield return (id, int.Parse(fields[1], CultureInfo.InvariantCulture));
                }
            }
        }
    }

    private static string? StatOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/stat");
        }
        catch (IOException)
        {
            return null;
        }
    }
}
