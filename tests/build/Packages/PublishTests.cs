using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Build.Support;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Build.Packages;

/// <summary>Publishes a sample each way: without a warning of the trimmer or the ahead-of-time compiler, and the result loads, attaches and reports events of this kernel.</summary>
public sealed partial class PublishTests(PackedFeed feed)
{
    private static readonly string[][] s_ways =
    [
        ["-p:PublishAot=true"],
        ["-p:PublishReadyToRun=true", "--self-contained=false"],
        ["-p:PublishTrimmed=true", "-p:PublishSingleFile=true", "--self-contained"],
        ["-p:PublishTrimmed=true", "-p:PublishSingleFile=true", "-p:PublishReadyToRun=true", "--self-contained"],
    ];

    // The last is two of the others at once.
    public static TheoryData<string[]> Ways => new(Rounds.IsFull ? s_ways : s_ways[..^1]);

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_sample_published_this_way_runs(string[] way)
    {
        using UserProject project = new(feed, "ExecTrace");
        foreach (string file in Directory.GetFiles(Path.Combine(PackedFeed.Repository, "samples", "ExecTrace")))
        {
            project.Write(Path.GetFileName(file), File.ReadAllText(file));
        }

        // The sample treats warnings as errors; here all of them must be listed.
        BuildResult publish = project.Run(["publish", "-c", "Release", "--use-current-runtime", "-o", "published", "-p:TreatWarningsAsErrors=false", "-nodeReuse:false", .. way]).Succeeded();

        Assert.Empty(TrimmerWarning().Matches(publish.Output).Select(static warning => warning.Value));
        string program = project.PathOf("published/ExecTrace");
        bool isOneFile = way.Contains("-p:PublishAot=true") || way.Contains("-p:PublishSingleFile=true");
        Assert.Equal(isOneFile, Directory.GetFiles(project.PathOf("published"), "*.dll").Length == 0);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "it is published without a warning; running it needs root");

        // A child of the shell executes a file while the program looks.
        BuildResult run = project.Shell(project.Folder, $$"""
            LD_DEBUG=libs LD_DEBUG_OUTPUT=libraries '{{program}}' --seconds 20 --json --parent $$ >events 2>errors & traced=$!
            until grep -q Tracing errors; do kill -0 $traced && sleep 0.05 || exit 1; done
            /bin/true; sh -c 'exit 3'
            sleep 0.3; kill -INT $traced; wait $traced; code=$?
            cat events errors; exit $code
            """);

        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Matches("""\{"kind":"exec","pid":\d+,"parent":\d+,"comm":"true","file":"/bin/true"\}""", run.Output);
        Assert.Matches("""\{"kind":"exit",.*"comm":"sh","code":3,"signal":0,"runTimeNs":\d+\}""", run.Output);
        Assert.Contains("""{"dropped":0}""", run.Output, StringComparison.Ordinal);

        // The names that glibc was asked for. Compiled ahead of time, libc is linked.
        string[] libraries = Directory.GetFiles(project.Folder, "libraries.*");
        Assert.NotEmpty(libraries);
        Assert.Equal(!way.Contains("-p:PublishAot=true"), libraries.Any(static one => File.ReadAllText(one).Contains("find library=liblibc", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"warning IL[23]\d{3}.*")]
    private static partial Regex TrimmerWarning();
}
