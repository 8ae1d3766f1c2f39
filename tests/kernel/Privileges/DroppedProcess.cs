using System.Diagnostics;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Privileges;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>What <see cref="DropTests"/> runs in processes of their own, which give up their capabilities and end.</summary>
internal static partial class DroppedProcess
{
    private const int SetMask = 2;

    private static readonly bool s_isPossible = PrivilegeRow.From(5, 19, then: true, before: false);

    internal static void Root_keeps_what_is_open() => KeepsWhatIsOpen();

    internal static void A_service_keeps_what_is_open()
    {
        Assert.NotEqual("root", Environment.UserName);
        KeepsWhatIsOpen();
    }

    internal static void The_kept_capabilities_stay()
    {
        using Privileged live = Running();

        BpfPrivileges.Drop("CAP_BPF", "CAP_NET_BIND_SERVICE");

        Assert.All(Threads(), static thread => Assert.Equal(Capabilities.Bpf | (Capabilities)(1ul << 10), thread.Permitted));
        Assert.NotEqual(0ul, live.Maps.Counts[0]);
        Uses.Load("").Dispose();
        var refused = Assert.Throws<BpfPermissionException>(static () => Uses.Load("raw"));
        Assert.Equal("CAP_PERFMON", refused.MissingCapability);
        Assert.Contains("gave up itself by BpfPrivileges.Drop: do this before Drop, or keep CAP_PERFMON, as in BpfPrivileges.Drop(\"CAP_PERFMON\")", refused.Message, StringComparison.Ordinal);
    }

    internal static void Capabilities_are_dropped_one_by_one_while_threads_come_and_go()
    {
        using Privileged live = Running();
        using var crowd = new Crowd();
        string[] names = [.. CapabilityNames.All];
        for (int i = 0; i < Array.IndexOf(names, "CAP_BPF"); i += 6)
        {
            BpfPrivileges.Drop(names[(i + 1)..]);
            ulong gone = (2ul << i) - 1;
            Assert.All(Threads(), thread => Assert.Equal(0ul, (ulong)thread.Permitted & gone));
            Assert.NotEqual(0ul, live.Maps.Counts[0]);
        }
    }

    internal static void A_program_that_could_not_be_detached_is_reported() => Sandbox.WithNetwork(static () =>
    {
        using Privileged live = Uses.Load("packet");
        BpfProgramLink link = live.Programs.Packet.AttachByNetlink(Uses.Loopback, XdpMode.Generic);

        var refused = Assert.Throws<BpfException>(static () => BpfPrivileges.Drop("CAP_BPF"));
        Assert.Contains("CAP_NET_ADMIN", refused.Message, StringComparison.Ordinal);
        Assert.Contains("packet", refused.Message, StringComparison.Ordinal);
        Assert.All(Threads(), static thread => Assert.True(thread.Permitted.HasFlag(Capabilities.SysAdmin)));

        BpfPrivileges.Drop("CAP_BPF", "CAP_NET_ADMIN");
        Uses.SendCounted(live);
        link.Dispose();
        ulong before = live.Maps.Counts[0];
        Uses.Send();
        Assert.Equal(before, live.Maps.Counts[0]);

        BpfPrivileges.Drop("CAP_BPF");
        Assert.All(Threads(), static thread => Assert.Equal(Capabilities.Bpf, thread.Permitted));
    });

    private static void KeepsWhatIsOpen()
    {
        using Privileged live = Running();
        using BpfPerfBuffer buffer = live.Maps.Samples.OpenBuffer();
        using var end = new CancellationTokenSource();
        int records = 0;
        Task reader = Task.Run(async () =>
        {
            await foreach (byte[] record in live.Maps.Events.ReadAllAsync(end.Token))
            {
                Interlocked.Increment(ref records);
            }
        });
        using var crowd = new Crowd();
        if (!s_isPossible)
        {
            // Before 5.19 it is said what would end, and nothing does.
            var refused = Assert.Throws<BpfFeatureNotSupportedException>(static () => BpfPrivileges.Drop());
            Assert.Contains("reading and writing maps", refused.Message, StringComparison.Ordinal);
            Assert.Equal(BpfFeatureState.Absent, BpfFeatures.Current.Check(BpfFeature.UseWithoutCapabilities).State);
            Uses.Load("raw").Dispose();
        }
        else
        {
            BpfPrivileges.Drop();
        }

        Capabilities left = s_isPossible ? Capabilities.None : Capabilities.Bpf;
        BpfPrivileges.Drop(s_isPossible ? [] : ["CAP_BPF"]);
        Assert.All(Threads(), thread => Assert.True(thread.IsLowered(left), thread.ToString()));

        // What is open goes on: by call, by memory, by link, in threads of before and of after.
        int counted = Volatile.Read(ref records);
        ulong runs = live.Globals.Runs;
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref records) > counted && live.Globals.Runs > runs, TimeSpan.FromSeconds(20)), "no record came");
        Assert.NotEqual(0ul, live.Maps.Counts[0]);
        Assert.Single(live.Maps.Entries);
        live.Maps.Entries[2] = 2;
        Assert.NotEqual(0, buffer.Consume(static (_, _) => { }));
        live.Programs.Emit.Links[0].Dispose();
        live.Programs.Emit.Attach();
        GC.Collect();

        // What is new is refused, and no child gets anything back.
        string missing = s_isPossible ? "CAP_BPF, CAP_PERFMON" : "CAP_PERFMON";
        Assert.Equal(missing, Assert.Throws<BpfPermissionException>(static () => Uses.Load("raw")).MissingCapability);
        Assert.Equal(missing, Assert.IsType<BpfPermissionException>(crowd.LoadInOldThread()).MissingCapability);
        Assert.Equal(missing, Assert.IsType<BpfPermissionException>(Crowd.LoadInNewThread()).MissingCapability);
        Capabilities ofChild = Environment.IsPrivilegedProcess ? left : Capabilities.None; // root's children are root too, within what is left
        Assert.Equal($"{(ulong)ofChild:x16}", CapabilitiesOfChild());

        end.Cancel();
        Assert.ThrowsAny<Exception>(reader.Wait);
    }

    private static Privileged Running()
    {
        Privileged live = Uses.Load("emit");
        live.Maps.Entries[1] = 1;
        live.Attach();
        Assert.True(SpinWait.SpinUntil(() => live.Globals.Runs > 0, TimeSpan.FromSeconds(20)));
        return live;
    }

    private static List<ThreadPrivileges> Threads()
        => [.. LinuxKernel.Instance.Threads().Select(static thread => ThreadPrivileges.Read(LinuxKernel.Instance, $"self/task/{thread}")).OfType<ThreadPrivileges>()];

    private static string CapabilitiesOfChild()
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status"]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return output;
    }

    /// <summary>Threads of all kinds: one that spins in managed code, one that waits, one that blocks every signal it may, and ever new ones.</summary>
    private sealed partial class Crowd : IDisposable
    {
        private readonly SemaphoreSlim _asked = new(0);
        private readonly Thread[] _threads;
        private Exception? _answer;
        private Thread? _old;
        private volatile bool _ended;

        internal Crowd()
        {
            using var started = new CountdownEvent(4);
            _threads =
            [
                new Thread(() => Until(started, static () => Thread.SpinWait(100))),
                new Thread(() => Until(started, static () =>
                {
                    var next = new Thread(static () => Thread.Sleep(2));
                    next.Start();
                    next.Join();
                })),
                new Thread(() =>
                {
                    ulong[] all = [.. Enumerable.Repeat(ulong.MaxValue, 16)];
                    Assert.Equal(0, BlockSignals(SetMask, in all[0], 0));
                    Until(started, static () => Thread.Sleep(5));
                }),
            ];
            _old = new Thread(() =>
            {
                started.Signal();
                _asked.Wait();
                _answer = Record.Exception(static () => Uses.Load("raw"));
            });
            foreach (Thread thread in _threads.Append(_old))
            {
                thread.Start();
            }

            started.Wait();
        }

        internal static Exception? LoadInNewThread()
        {
            Exception? answer = null;
            var thread = new Thread(() => answer = Record.Exception(static () => Uses.Load("raw")));
            thread.Start();
            thread.Join();
            return answer;
        }

        internal Exception? LoadInOldThread()
        {
            _asked.Release();
            _old?.Join();
            _old = null;
            return _answer;
        }

        public void Dispose()
        {
            _ended = true;
            _asked.Release();
            _old?.Join();
            foreach (Thread thread in _threads)
            {
                thread.Join();
            }

            _asked.Dispose();
        }

        private void Until(CountdownEvent started, Action work)
        {
            started.Signal();
            while (!_ended)
            {
                work();
            }
        }

        [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
        private static partial int BlockSignals(int how, in ulong set, nint before);
    }
}
