using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Reflection;
using Hypermesh.Bpf.Handover;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Handover;

/// <summary>Agents that are killed again and again while events come: nothing is lost, and what stays is what the manifest says.</summary>
public sealed class KilledAgentTests : TracingTest
{
    private const int LongestLife = 14;
    private const int EventsOfBurst = 64;
    private const int BurstsOfSecond = 1000;

    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(5);

    private readonly Random _random = new(20261201);

    // The runtime alone takes many seconds to start there.
    public KilledAgentTests() => Assert.SkipWhen(Emulation.IsEmulated && NativeAgent.Path is null, "takes minutes where a processor is emulated, and the machine's own kernel has shown it");

    [Fact]
    public void No_event_is_lost_over_agents_that_are_killed_and_replaced_by_other_versions() => InFolder((folder, root) =>
    {
        int restarts = !Rounds.IsFull ? 30 : Emulation.IsEmulated ? 100 : 1000, refused = 0;
        using var receiver = new Receiver(root);
        using (BpfObject first = BpfObject.Load(Open(), new BpfLoadOptions { Handover = new BpfHandover(folder) }))
        {
            first.Attach();
        }

        using var stimulus = new Stimulus();
        (long counted, long events) = (0, 0);
        for (int restart = 0; restart < restarts; restart++)
        {
            // Each fifth is of the other version.
            string version = (restart / 5 % 2).ToString(CultureInfo.InvariantCulture);
            long begun = receiver.Begun;
            using Process agent = Start(Agent.Read, folder, receiver, version), rival = restart % 10 == 9 ? Start(Agent.Read, folder, receiver, version) : agent;
            if (restart % 4 == 3)
            {
                // At any time, before it has read anything too.
                Thread.Sleep(_random.Next(LongestStart));
            }
            else
            {
                Assert.True(SpinWait.SpinUntil(() => receiver.Begun > begun || (agent.HasExited && rival.HasExited), TimeSpan.FromMinutes(1)), "no agent has begun to read");
                Thread.Sleep(_random.Next(2, LongestLife));
                Assert.True(receiver.Counted >= counted && receiver.Events >= events, $"{receiver.Counted} after {counted}, {receiver.Events} after {events}");
                (counted, events) = (receiver.Counted, receiver.Events);
                if (rival != agent)
                {
                    Assert.True(SpinWait.SpinUntil(() => agent.HasExited || rival.HasExited, TimeSpan.FromMinutes(1)), "two agents have the folder");
                    Assert.Equal(Agent.InUse, (agent.HasExited ? agent : rival).ExitCode);
                    Assert.Equal(begun + 1, receiver.Begun);
                    refused++;
                }
            }

            End(agent);
            End(rival);
            Rounds.Report("restarts", restart + 1, restarts);
        }

        (long produced, double seconds) = stimulus.Stop();
        using BpfObject last = BpfObject.Load(Open(), new BpfLoadOptions { Handover = new BpfHandover(folder) });
        receiver.ReadRest(last);
        ulong misses = last.Programs.Single().GetRunStatistics().RecursionMisses, undispatched = last.Programs.Single().ReadUndispatched();
        (ulong Produced, ulong Dropped) counts = Agent.CountsOf(last);
        (long delivered, long doubled, long most) = receiver.Count(last);
        last.Withdraw();
        Rounds.Figure("restarts", $"{restarts} agents killed, {produced} events in {seconds:F1} s ({produced / seconds:F0}/s), {delivered} delivered, {counts.Dropped} dropped, {misses} not run by the kernel, {produced - delivered - (long)counts.Dropped - (long)misses} lost, {doubled} delivered twice, {refused} of two agents at once refused");
        Assert.Equal(0ul, undispatched);
        Assert.True((ulong)produced <= (ulong)delivered + counts.Dropped + misses && delivered + (long)counts.Dropped <= produced, $"{produced} produced, {delivered} delivered, {counts.Dropped} dropped, {misses} not run");
        Assert.Equal((ulong)delivered + counts.Dropped, counts.Produced);
        Assert.True(doubled <= (long)restarts * Agent.Batch && most <= restarts, $"{doubled} of {delivered} delivered twice");
        Assert.True(refused > 0);
    });

    [Fact]
    public void What_an_agent_without_pins_leaves_ends_with_it() => InFolder((_, root) =>
    {
        int kills = Rounds.Of(Emulation.IsEmulated ? 50 : 200);
        using var receiver = new Receiver(root);
        for (int kill = 0; kill < kills; kill++)
        {
            HashSet<(string Kind, uint Id)> before = Objects();
            using Process agent = Start(Agent.Cycle, "", receiver, "0");
            Thread.Sleep(_random.Next(LongestStart + 200));
            End(agent);
            WaitUntil(() => Objects().IsSubsetOf(before));
            Assert.Empty(Ours(Objects().Except(before)));
            Rounds.Report("kills", kill + 1, kills);
        }
    });

    [Fact]
    public void What_an_agent_with_pins_leaves_is_its_manifest() => InFolder((folder, root) =>
    {
        int kills = Rounds.Of(Emulation.IsEmulated ? 50 : 200), complete = 0;
        using var receiver = new Receiver(root);
        HashSet<(string Kind, uint Id)> before = Objects();
        for (int kill = 0; kill < kills; kill++)
        {
            using Process agent = Start(Agent.Cycle, folder, receiver, "0");
            Thread.Sleep(_random.Next(LongestStart + 200));
            End(agent);
            WaitUntil(() => Unlike(folder, before, static all => all.Select(static one => $"{one.Kind} {one.Id}")).Length == 0);
            Assert.Empty(Unlike(folder, before, Ours));
            complete += Directory.Exists(folder) ? 1 : 0;
            Rounds.Report("kills with pins", kill + 1, kills);
        }

        using BpfObject last = BpfObject.Load(Open(), new BpfLoadOptions { Handover = new BpfHandover(folder) });
        last.Withdraw();
        Assert.True(complete > 0, "no agent has come as far as its first pin");
    });

    // Looks at IDs alone. Who opens a program array just after its last user has ended makes this kernel (6.18) keep it for good: it counts a reference for each time that it is about to be emptied, and empties it once.
    private static void WaitUntil(Func<bool> isDone)
    {
        for (var clock = Stopwatch.StartNew(); !isDone() && clock.Elapsed < s_end;)
        {
            Thread.Sleep(20);
        }
    }

    // The kernel's objects that were not there before and are not in the manifest, and those that should be there and are not.
    private static string[] Unlike(string folder, HashSet<(string Kind, uint Id)> before, Func<IEnumerable<(string Kind, uint Id)>, IEnumerable<string>> name)
    {
        HashSet<(string Kind, uint Id)> now = Objects();
        now.ExceptWith(before);
        if (!Directory.Exists(folder))
        {
            return [.. name(now)];
        }

        using HandoverFolder look = HandoverFolder.Look(LinuxKernel.Instance, folder);
        HandoverManifest? manifest = look.Read();
        HashSet<string> pinned = [.. look.Names()];
        if (manifest is null)
        {
            return [.. name(now), .. pinned];
        }

        using (BpfMapHandle map = BpfMapHandle.OpenPinned(Path.Combine(folder, "manifest")))
        {
            now.Remove(("map", map.Id));
        }

        var named = manifest.Pins.ToDictionary(static pin => (KindOf(pin.Kind), pin.Id));
        return
        [
            .. name(now.Where(one => !named.ContainsKey(one))),
            .. named.Where(one => now.Contains(one.Key) != pinned.Contains(one.Value.Pin)).Select(static one => $"{one.Key} ({one.Value.Pin}) is pinned or there, and not both"),
            .. named.Where(one => one.Value.State is HandoverState.Current or HandoverState.Earlier && one.Value.Kind != HandoverKind.Link && !pinned.Contains(one.Value.Pin)).Select(static one => $"{one.Value.Pin} is not pinned"),
            .. pinned.Except(manifest.Pins.Select(static pin => pin.Pin)).Select(static one => $"{one} is pinned and not in the manifest"),
        ];
    }

    private static string KindOf(HandoverKind kind) => kind switch
    {
        HandoverKind.Program or HandoverKind.Dispatcher => "program",
        HandoverKind.Link => "link",
        _ => "map",
    };

    private static HashSet<(string Kind, uint Id)> Objects()
        => [.. ObjectIds.Maps.Ids(LinuxKernel.Instance).Select(static id => ("map", id)), .. ObjectIds.Programs.Ids(LinuxKernel.Instance).Select(static id => ("program", id)), .. ObjectIds.Links.Ids(LinuxKernel.Instance).Select(static id => ("link", id))];

    // By the names in handed.bpf.c and those that the SDK gives: other processes of the machine make objects too.
    private static IEnumerable<string> Ours(IEnumerable<(string Kind, uint Id)> objects)
    {
        HashSet<(string Kind, uint Id)> all = [.. objects];
        HashSet<uint> programs = [.. BpfProgramInfo.List().Where(static one => IsOurs(one.Name)).Select(static one => one.Id)];
        return BpfProgramInfo.List().Where(one => programs.Contains(one.Id) && all.Contains(("program", one.Id))).Select(static one => $"program {one.Id} ({one.Name})")
            .Concat(BpfMapInfo.List().Where(one => IsOurs(one.Name) && all.Contains(("map", one.Id))).Select(static one => $"map {one.Id} ({one.Name})"))
            .Concat(BpfLinkInfo.List().Where(one => programs.Contains(one.ProgramId) && all.Contains(("link", one.Id))).Select(static one => $"link {one.Id} of program {one.ProgramId}"));
    }

    private static bool IsOurs(string name) => name.StartsWith("handed", StringComparison.Ordinal) || name.StartsWith("hm_", StringComparison.Ordinal);

    private static BpfObjectSpec Open()
    {
        Environment.SetEnvironmentVariable(Agent.Producer, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return Agent.Open(0);
    }

    // About as long as the runtime takes to start.
    private static int LongestStart => Emulation.IsEmulated ? 4000 : NativeAgent.Path is not null ? 40 : 250;

    private static Process Start(Action part, string folder, Receiver receiver, string version)
    {
        string[] command = NativeAgent.Path is { } native ? [native, part.Method.Name] : OwnProcess.CommandOf(part);
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true };
        start.Environment[Agent.Folder] = folder;
        start.Environment[Agent.Seen] = receiver.Path;
        start.Environment[Agent.Version] = version;
        start.Environment[Agent.Producer] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    private static void End(Process agent)
    {
        if (!agent.HasExited)
        {
            agent.Kill();
        }

        string errors = agent.StandardError.ReadToEnd();
        agent.WaitForExit();
        Assert.True(agent.ExitCode is 137 or Agent.InUse, $"the agent has ended by itself, with {agent.ExitCode}: {errors}");
    }

    private static void InFolder(Action<string, string> test) => Sandbox.WithBpfFileSystem(root =>
    {
        string place = Directory.CreateTempSubdirectory("hypermesh-agents-").FullName;
        try
        {
            test(Path.Combine(root, "agent"), place);
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    });

    /// <summary>The file in which the agents mark what they have read.</summary>
    private sealed unsafe class Receiver : IDisposable
    {
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;
        private readonly byte* _marks;

        internal Receiver(string folder)
        {
            Path = System.IO.Path.Combine(folder, "seen");
            _file = MemoryMappedFile.CreateFromFile(Path, FileMode.CreateNew, null, Agent.Page + ((long)PossibleCpus.Current.Count * Agent.MostEvents));
            _view = _file.CreateViewAccessor();
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _marks);
        }

        internal string Path { get; }

        internal long Begun => Volatile.Read(ref ((long*)_marks)[0]);

        internal long Counted => ((long*)_marks)[1];

        internal long Events => ((long*)_marks)[2];

        internal void ReadRest(BpfObject live)
            => new BpfRingBuffer<Handed.Record>(live.GetMap("handed_ring")).Consume((ref readonly record) => _marks[Agent.Page + ((long)record.Cpu * Agent.MostEvents) + (long)record.Sequence]++);

        /// <summary>The marks of the numbers that the programs have given out.</summary>
        internal (long Delivered, long Doubled, long Most) Count(BpfObject live)
        {
            (long delivered, long doubled, long most) = (0, 0, 0);
            PerCpu<ulong> next = new BpfPerCpuArrayMap<ulong>(live.GetMap("handed_next"))[0];
            foreach (int cpu in PossibleCpus.Current.Numbers)
            {
                Assert.True(next[cpu] <= Agent.MostEvents, $"{next[cpu]} events are more than there is room for");
                for (ulong number = 0; number < next[cpu]; number++)
                {
                    byte mark = _marks[Agent.Page + ((long)cpu * Agent.MostEvents) + (long)number];
                    delivered += mark > 0 ? 1 : 0;
                    doubled += mark > 1 ? mark - 1 : 0;
                    most = Math.Max(most, mark);
                }
            }

            return (delivered, doubled, most);
        }

        public void Dispose()
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }

    /// <summary>Two threads that cause events, a burst each millisecond, until they are stopped.</summary>
    private sealed class Stimulus : IDisposable
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly Thread[] _threads;
        private long _calls;
        private bool _stop;

        internal Stimulus()
        {
            _threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                for (long burst = 0; !Volatile.Read(ref _stop); burst++)
                {
                    CallGetPgid(EventsOfBurst);
                    Interlocked.Add(ref _calls, EventsOfBurst);
                    while (_clock.Elapsed.TotalSeconds * BurstsOfSecond < burst && !Volatile.Read(ref _stop))
                    {
                        Thread.Sleep(1);
                    }
                }
            }))];
            Array.ForEach(_threads, static thread => thread.Start());
        }

        internal (long Calls, double Seconds) Stop()
        {
            Volatile.Write(ref _stop, true);
            Array.ForEach(_threads, static thread => thread.Join());
            return (_calls, _clock.Elapsed.TotalSeconds);
        }

        public void Dispose() => Stop();
    }
}

/// <summary>The agent compiled ahead of time, with which the full rounds are run; null for the small ones.</summary>
internal static class NativeAgent
{
    private static readonly Lazy<string?> s_path = new(static () => Environment.GetEnvironmentVariable("HYPERMESH_TEST_AGENT") is { Length: > 0 } given ? given : Rounds.IsFull && !Emulation.IsEmulated ? Publish() : null);

    /// <summary>Its path: the one that HYPERMESH_TEST_AGENT names, or what is published here.</summary>
    internal static string? Path => s_path.Value;

    private static string Publish()
    {
        string source = System.IO.Path.GetFullPath(System.IO.Path.Combine(typeof(NativeAgent).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static metadata => metadata.Key == "Sources").Value!, "../tests/agent")), folder = System.IO.Path.Combine(source, "../../artifacts/agent");
        string linker = File.Exists("/usr/bin/clang") ? "clang" : "gcc";
        var start = new ProcessStartInfo("dotnet", ["publish", source, "-c", "Release", "-r", "linux-x64", "-p:CompilesNative=true", $"-p:CppCompilerAndLinker={linker}", "-p:CompilesAhead=false", "-p:RunAnalyzers=false", $"-p:ArtifactsPath={folder}/", "-o", $"{folder}/out", "--nologo", "-tl:off"])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        return $"{folder}/out/handed-agent";
    }
}
