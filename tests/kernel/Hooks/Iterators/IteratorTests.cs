using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Iterators;

/// <summary>Iterators over the parts of one thing.</summary>
public sealed class IteratorTests : TracingTest
{
    [Fact]
    [Row("sections", "iter")]
    [Row("links", "BPF iterators (task, map, cgroup, ... with link info)")]
    public void The_tasks_of_a_process_are_walked() => WalkTasks(sleepable: false);

    [Fact]
    [Row("sections", "iter.s")]
    [Row("links", "BPF iterators (task, map, cgroup, ... with link info)")]
    public void The_tasks_of_a_process_are_walked_by_a_program_that_may_sleep() => WalkTasks(sleepable: true);

    private void WalkTasks(bool sleepable)
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        Walks walks = OrSkip(Absence.OfIteratorTarget("task"), () =>
        {
            Walks loaded = Load(spec => sleepable ? spec.Programs.TasksSleepable : spec.Programs.Tasks);
            (sleepable ? loaded.Programs.TasksSleepable : loaded.Programs.Tasks).Attach(IteratorTarget.Process(probed.Id));
            return loaded;
        });
        BpfIteratorProgram program = sleepable ? walks.Programs.TasksSleepable : walks.Programs.Tasks;

        program.Run();
        Assert.Equal(1ul, walks.Globals.Hits);
        BpfProgramLink thread = program.Attach(IteratorTarget.Thread(ThreadId));
        program.Run(thread, Stream.Null);
        Assert.Equal(2ul, walks.Globals.Hits);
    }

    [Fact]
    [Row("links", "BPF iterators (task, map, cgroup, ... with link info)")]
    public void The_entries_of_a_map_are_walked()
    {
        Walks walks = Load(spec => spec.Programs.Entries);
        for (uint key = 0; key < Calls; key++)
        {
            walks.Maps.Walked[key] = key * 10;
        }

        BpfProgramLink link = OrSkipWhereRefused(Walks.Open().Programs.Entries, () => walks.Programs.Entries.Attach(IteratorTarget.Map(walks.Live.GetMap("walked"))));
        walks.Programs.Entries.Run();

        Assert.Equal(((ulong)Calls, 10ul * Calls * (Calls - 1) / 2), (walks.Globals.Hits, walks.Globals.Sum));
        Assert.Contains("map walked", link.Target, StringComparison.Ordinal);
    }

    [Fact]
    [Row("links", "BPF iterators (task, map, cgroup, ... with link info)")]
    public void The_groups_below_a_group_are_walked()
    {
        string root = Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
        Assert.SkipUnless(File.Exists($"{root}/cgroup.controllers"), "no control groups of version 2 are mounted");
        string group = Directory.CreateDirectory($"{root}/hypermesh-walk-{Environment.ProcessId}").FullName;
        try
        {
            Directory.CreateDirectory($"{group}/one");
            Directory.CreateDirectory($"{group}/two");
            Walks walks = OrSkip(Absence.OfIteratorTarget("cgroup"), () =>
            {
                Walks loaded = Load(spec => spec.Programs.Groups);
                loaded.Programs.Groups.Attach(IteratorTarget.CGroup(group));
                return loaded;
            });

            walks.Programs.Groups.Run();
            Assert.Equal(3ul, walks.Globals.Hits);
            BpfProgramLink alone = walks.Programs.Groups.Attach(IteratorTarget.CGroup(group, CGroupOrder.SelfOnly));
            walks.Programs.Groups.Run(alone, Stream.Null);
            Assert.Equal(4ul, walks.Globals.Hits);
            walks.Dispose();
        }
        finally
        {
            foreach (string below in new[] { "/one", "/two", "" })
            {
                if (Directory.Exists(group + below))
                {
                    Directory.Delete(group + below);
                }
            }
        }
    }

    private Walks Load(Func<Walks.Spec, BpfProgramSpec> choose)
    {
        Walks.Spec spec = Walks.Open();
        BpfProgramSpec program = choose(spec);
        program.Enabled = true;
        return Own(OrSkipWhereRefused(program, () => spec.Load()));
    }
}
