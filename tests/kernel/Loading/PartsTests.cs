namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>An object with all its parts, through the generated skeleton: what the C does is what C# reads.</summary>
public sealed class PartsTests : KernelTest
{
    [Fact]
    [Row("sections", ".rodata, .rodata.* (frozen at load)")]
    [Row("externs", "globals readable/writable before load")]
    [Row("externs", ".rodata frozen")]
    [Row("lifecycle", "open -> configure -> (prepare) -> load -> attach, separate")]
    [Row("lifecycle", "object from memory")]
    public void Constants_set_in_the_spec_reach_the_program_and_are_read_only_afterwards()
    {
        Needs(BpfFeature.SyscallProgram);
        Parts parts = Own(Parts.Open(spec => spec.Globals.Step = 5).Load());

        Assert.Equal(5ul, parts.Globals.Step);
        Assert.True(parts.Globals.Label.Equals("parts"u8));
        Assert.Throws<BpfException>(() => parts.Live.GetSection(".rodata").Write(0, 6ul));
    }

    [Fact]
    [Row("sections", "syscall")]
    [Row("sections", ".data, .data.*")]
    [Row("sections", ".bss")]
    [Row("links", "syscall programs (run by test_run)")]
    [Row("externs", "globals readable/writable after load")]
    [Row("externs", "globals visible by variable name, not by section")]
    public void Globals_of_each_section_are_shared_with_the_program()
    {
        Needs(BpfFeature.SyscallProgram);
        Parts parts = Own(Parts.Open(spec => { spec.Globals.Step = 5; spec.Globals.Total = 100; }).Load());
        var run = new Run(3, 0);

        Assert.Equal(5, parts.Programs.Add.Run(ref run));

        Assert.Equal(100ul + 15, parts.Globals.Total);
        Assert.Equal(8ul, parts.Globals.Own);
        Assert.Equal(5u + 40, run.Result);
        parts.Globals.Total = 1;
        parts.Programs.Add.Run(ref run);
        Assert.Equal(16ul, parts.Globals.Total);
    }

    [Fact]
    [Row("sections", ".maps")]
    [Row("sections", ".text (subprograms)")]
    public void Functions_and_maps_work_together()
    {
        Needs(BpfFeature.SyscallProgram);
        Parts parts = Own(Parts.Open().Load());
        foreach (uint input in new uint[] { 1, 2, 2, 9, 9, 9 })
        {
            var run = new Run(input, 0);
            parts.Programs.Add.Run(ref run);
        }

        Assert.Equal([(1u, 1ul), (2u, 2ul), (9u, 3ul)], Entries(parts).Order());
    }

    [Fact]
    [Row("externs", "bpf-to-bpf call relocs, callbacks (R_BPF_64_64 to func: PSEUDO_FUNC)")]
    public void Callbacks_are_linked_behind_the_program()
    {
        Needs(BpfFeature.SyscallProgram);
        Needs(BpfFeature.LoopHelper);
        Parts parts = Own(Parts.Open(spec => spec.Programs.Loop.Enabled = true).Load());
        var run = new Run(101, 0);

        parts.Programs.Loop.Run(ref run);

        Assert.Equal(5050u, run.Result);
    }

    [Fact]
    [Row("lifecycle", "SEC(\"?...\") autoload off")]
    [Row("lifecycle", "autoload / autoattach per program")]
    public void A_program_with_a_question_mark_is_loaded_only_when_asked_for()
    {
        Needs(BpfFeature.SyscallProgram);
        Parts without = Own(Parts.Open().Load());
        Assert.False(without.Programs.Fields.IsLoaded);
        var run = default(Run);
        BpfException reason = Assert.Throws<BpfException>(() => without.Programs.Fields.Run(ref run));
        Assert.Contains("fields", reason.Message, StringComparison.Ordinal);

        Parts with = Own(Parts.Open(spec => spec.Programs.Fields.Enabled = true).Load());
        with.Programs.Fields.Run(ref run);
        Assert.Equal(1u, run.Result);
    }

    [Fact]
    [Row("links", "attach all (\"auto-attach\" from section names)")]
    [Row("lifecycle", "autoload / autoattach per program")]
    public void Attach_skips_programs_without_a_target_and_Dispose_undoes_it()
    {
        Needs(BpfFeature.SyscallProgram);
        Parts parts = Own(Parts.Open().Load());

        parts.Attach();

        BpfProgramLink link = Assert.Single(parts.Live.Links);
        Assert.Same(link, parts.Links.OnSwitch);
        Assert.Throws<BpfException>(() => parts.Programs.OnSwitch.Attach());
        parts.Dispose();
        Assert.False(link.IsAttached);
        Assert.Throws<ObjectDisposedException>(() => parts.Globals.Total);
        Assert.Throws<ObjectDisposedException>(() => parts.Maps.Counts[1]);
        Assert.Throws<ObjectDisposedException>(parts.Attach);
    }

    [Fact]
    public void A_tracepoint_has_the_same_globals_functions_and_maps()
    {
        Parts parts = Own(Parts.Open(spec =>
        {
            spec.Programs.Add.Enabled = false;
            spec.Globals.Step = 5;
            spec.Globals.Own = 0;
        }).Load());

        BpfProgramLink link = parts.Programs.OnSwitch.Attach();
        for (int i = 0; i < 20; i++)
        {
            Thread.Sleep(1);
        }

        link.Dispose();
        ulong runs = parts.Globals.Own;
        Assert.True(runs >= 20, $"{runs} switches");

        // Each run added the step and one of the table's first two elements.
        Assert.InRange(parts.Globals.Total, (runs - 1) * 15, runs * 25);
        Assert.All(Entries(parts), entry => Assert.True(entry is (0 or 1, > 0) && entry.Item2 % 5 == 0));
        Assert.Throws<BpfException>(() => parts.Live.GetSection(".rodata").Write(0, 6ul));
    }

    private static List<(uint, ulong)> Entries(Parts parts)
    {
        var entries = new List<(uint, ulong)>();
        foreach ((uint key, ulong value) in parts.Maps.Counts)
        {
            entries.Add((key, value));
        }

        return entries;
    }

    // As struct run in the C.
    private record struct Run(uint Input, uint Result);
}
