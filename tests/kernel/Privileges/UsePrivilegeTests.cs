namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>Using what is open: root has loaded and attached it. What goes through memory asks for nothing, what goes through bpf(2) for nothing since 5.19.</summary>
public sealed class UsePrivilegeTests : PrivilegeTest
{
    private static readonly Capabilities s_call = PrivilegeRow.From(5, 19, Capabilities.None, Capabilities.Bpf);
    private static readonly BpfRecordHandler s_ignore = static _ => { };

    private static readonly PrivilegeRow[] s_rows =
    [
        new("read an element", s_call, Uses.Running(static live => Assert.NotEqual(0ul, live.Maps.Counts[0]))),
        new("write an element", s_call, Uses.Running(static live => live.Maps.Entries[2] = 2)),
        new("delete an element", s_call, Uses.Running(static live => live.Maps.Entries.Remove(1))),
        new("read in batches", s_call, Uses.Running(static live => Assert.Single(live.Maps.Entries))),
        new("freeze a map", PrivilegeRow.From(6, 4, Capabilities.None, Capabilities.Bpf), Uses.Running(static live => live.Maps.Entries.MapHandle.Freeze())),
        new("information of a map", s_call, Uses.Running(static live => Assert.NotEqual(0u, live.Maps.Counts.Id))),
        new("information of a program", s_call, Uses.Running(static live => Assert.NotEqual(0u, live.Programs.Emit.Id))),
        new("information of a link", s_call, Uses.Running(static live => live.Programs.Emit.Links[0].GetInfo())),
        new("detach a link by force", s_call, Uses.LoadedInGroup("create", static (live, group) => live.Programs.Create.Attach(group.Group).ForceDetach())),
        new("detach a link", Capabilities.None, Uses.Running(static live => live.Programs.Emit.Links[0].Dispose())),
        new("ring buffer", Capabilities.None, Uses.Running(static live => Assert.NotEqual(0, live.Maps.Events.Consume(s_ignore)))),
        new("global", Capabilities.None, Uses.Running(static live => Assert.NotEqual(0ul, live.Globals.Runs))),
        new("open a perf buffer", s_call | Capabilities.PerfMon, Uses.Running(static live => live.Maps.Samples.OpenBuffer().Dispose())),
        new("perf buffer that is open", Capabilities.None, static () =>
        {
            Privileged live = Uses.Load("emit");
            BpfPerfBuffer buffer = live.Maps.Samples.OpenBuffer();
            live.Attach();
            return new Prepared(() => Assert.True(SpinWait.SpinUntil(() => buffer.Consume(static (_, _) => { }) != 0, TimeSpan.FromSeconds(60)), "no sample came"), live, buffer);
        }),
        new("run an iterator", s_call, Uses.Loaded("list", static live => live.Programs.List.Run())),
        new("run a program", s_call, Uses.Loaded("run", static live =>
        {
            ulong context = 0;
            live.Programs.Run.Run(ref context);
        })),
        new("pin and open a pin, as its owner", s_call, static () =>
        {
            Sandbox.Shell("mount -t bpf bpf /sys/fs/bpf");
            Privileged live = Uses.Load("");
            return new Prepared(
                () =>
                {
                    live.Maps.Counts.MapHandle.Pin("/sys/fs/bpf/counts");
                    BpfMapHandle.OpenPinned("/sys/fs/bpf/counts").Dispose();
                },
                live, new Unmounted());
        }) { AsNobody = false },
    ];

    public static TheoryData<string> Rows => PrivilegeRow.Data("use what is open", s_rows);

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_stated_capabilities_suffice_and_each_of_them_is_needed(string what) => Prove(s_rows, what);

    private sealed class Unmounted : IDisposable
    {
        public void Dispose() => Sandbox.Shell("umount /sys/fs/bpf");
    }
}
