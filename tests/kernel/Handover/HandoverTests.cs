using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Testing;
using Hypermesh.Bpf.Tests.Kernel.Loading;

namespace Hypermesh.Bpf.Tests.Kernel.Handover;

/// <summary>An object that stays when it is disposed, and is taken over by the next one: in one process, which does what two would.</summary>
public sealed class HandoverTests : TracingTest
{
    [Fact]
    public void A_successor_finds_the_programs_attached_and_the_maps_as_they_were() => InFolder(folder =>
    {
        using (Versions first = Load(folder, Version(1)))
        {
            Assert.Null(first.Live.Adopted);
            first.Attach();
            Call(1);
        }

        Call(2);
        using (Versions second = Load(folder, Version(1)))
        {
            Assert.Equal([1u, 1u], (uint[])[second.Maps.Marks[1], second.Maps.Marks[2]]);
            Assert.Equal(new BpfProgramReload("raw", BpfReloadWay.Dispatched, null), Assert.Single(second.Live.Adopted!.Programs));
            Assert.All(second.Live.Adopted.Maps, static map => Assert.True(map.IsKept || map.Name == "jumps", $"{map}"));
            BpfProgramLink link = Assert.Single(second.Programs.Raw.Links);
            second.Attach();
            Assert.Same(link, Assert.Single(second.Programs.Raw.Links));
            Assert.Throws<BpfException>(() => second.Programs.Raw.Attach());
            Call(3);
            Assert.Equal(1u, second.Maps.Marks[3]);
            second.Live.Withdraw();
        }

        Assert.False(Directory.Exists(folder));
    });

    [Fact]
    public void A_successor_with_other_layouts_reads_what_the_predecessor_has_counted() => InFolder(folder =>
    {
        using (Versions first = Load(folder, Version(1)))
        {
            first.Attach();
            Call(64);
        }

        Call(64);
        for (int generation = 0; generation < 4; generation++)
        {
            using BpfObject live = Load(folder, generation % 2 == 0 ? RelaidSpec(2) : Version(1).Object);
            Assert.Equal(2 + (ulong)generation, CountOf(live));
            live.Attach();
            Call(64);
            Assert.Equal(3 + (ulong)generation, CountOf(live));
        }

        using BpfObject last = Load(folder, Version(1).Object);
        Assert.Equal(6ul, CountOf(last));
        last.Withdraw();
    });

    [Fact]
    public void A_link_that_the_kernel_can_update_is_taken_over_as_it_is() => InFolder(folder =>
    {
        using var pair = new PrivateNetworkPair();
        uint link = 0;
        for (uint generation = 1; generation <= 3; generation++)
        {
            using Versions live = Load(folder, Version(generation % 2 == 1 ? 1u : 2u, static spec => spec.Programs.Packet));
            pair.Far.Run(() => live.Programs.Packet.Attach(NetworkDevice.FromName("veth1"), XdpMode.Generic));
            uint now = live.Programs.Packet.Links.Single().Id!.Value;
            Assert.Equal(link == 0 ? now : link, now);
            link = now;
            Assert.Equal(live.Programs.Packet.Id, live.Programs.Packet.Links.Single().GetInfo().ProgramId);
            Assert.Equal(generation == 1 ? null : BpfReloadWay.LinkUpdated, live.Live.Adopted?.Programs.Single().Way);
            if (generation == 3)
            {
                live.Live.Withdraw();
            }
        }
    });

    [Fact]
    public void A_version_that_the_verifier_refuses_leaves_the_running_one_to_the_next() => InFolder(folder =>
    {
        using (Versions first = Load(folder, Version(1)))
        {
            first.Attach();
        }

        Versions.Spec refused = Version(2);
        refused.Globals.IsRefused = true;
        string[] before = Names(folder);
        Assert.Throws<BpfVerifierException>(() => Load(folder, refused));
        Assert.Equal(before, Names(folder));
        Call(5);
        using Versions next = Load(folder, Version(1));
        Assert.Equal(1u, next.Maps.Marks[5]);
        next.Live.Withdraw();
    });

    [Fact]
    public void A_folder_is_one_objects_alone() => InFolder(folder =>
    {
        using Versions first = Load(folder, Version(1));
        BpfException held = Assert.Throws<BpfException>(() => Load(folder, Version(1)));
        Assert.Contains($"{folder} is in use by process {Environment.ProcessId}", held.Message, StringComparison.Ordinal);
        first.Live.Withdraw();
    });

    [Fact]
    public void A_pin_that_someone_has_replaced_is_not_used() => InFolder(folder =>
    {
        using (Versions first = Load(folder, Version(1)))
        {
            first.Attach();
            Call(6);
        }

        string pin = Path.Combine(folder, Names(folder).Single(static name => name.StartsWith("map_marks", StringComparison.Ordinal))), aside = Path.Combine(folder, "..", "aside");
        File.Move(pin, aside);
        using (BpfObject other = BpfObject.Load(Version(1).Object))
        {
            other.GetMap("marks").Pin(pin);
        }

        Assert.Contains("is not what this SDK had pinned there: it has ID", Assert.Throws<BpfException>(() => Load(folder, Version(1))).Message, StringComparison.Ordinal);
        File.Delete(pin);
        Assert.Contains("is not there", Assert.Throws<BpfException>(() => Load(folder, Version(1))).Message, StringComparison.Ordinal);
        File.Move(aside, pin);
        using Versions next = Load(folder, Version(1));
        Assert.Equal(1u, next.Maps.Marks[6]);
        next.Live.Withdraw();
    });

    [Fact]
    public void Globals_go_on_when_they_are_taken_over_and_then_reloaded() => InFolder(folder =>
    {
        using (BpfObject loaded = Load(folder, Carry.Open().Object))
        {
            loaded.SectionOf("requests", out int offset).Write(offset, 5ul);
            loaded.SectionOf("state", out offset).Write(offset, 6ul);
        }

        using CarryNext next = CarryNext.Open().Load(new BpfLoadOptions { Handover = new BpfHandover(folder) });
        Assert.Equal((5ul, 0ul), (next.Globals.Requests, next.Globals.State));
        next.Live.HotReload(Carry.Open().Object);
        Assert.Equal((5ul, 0ul), (next.Globals.Requests, next.Globals.State));
        (next.Globals.Requests, next.Globals.State) = (7, 8);
        Assert.Equal((7ul, 8ul), (Read(next.Live, "requests"), Read(next.Live, "state")));
        next.Live.HotReload(CarryNext.Open().Object);
        Assert.Equal((7ul, 0ul), (next.Globals.Requests, next.Globals.State));
        next.Live.Withdraw();
        Assert.Throws<BpfException>(() => next.Live.Withdraw());

        // What is withdrawn is reloaded as any other object.
        next.Live.HotReload(Carry.Open().Object);
        Assert.Equal(7ul, next.Globals.Requests);
    });

    [Fact]
    public void A_program_that_reads_farther_than_its_predecessor_takes_its_place() => InFolder(folder =>
    {
        for (int start = 0; start < 3; start++)
        {
            BpfObjectSpec spec = start == 0 ? Carry.Open().Object : CarryNext.Open().Object;
            spec.Program("count").Enabled = true;
            using BpfObject live = BpfObject.Load(spec, new BpfLoadOptions { Handover = new BpfHandover(folder) });
            Assert.Equal(start switch { 0 => null, 1 => BpfReloadWay.Overlapped, _ => BpfReloadWay.Dispatched }, live.Adopted?.Programs.Single().Way);
            live.Attach();
            Assert.Single(live.Links);
            Assert.Single(Names(folder), static name => name.StartsWith("link_", StringComparison.Ordinal));
            if (start == 2)
            {
                live.Withdraw();
            }
        }
    });

    [Fact]
    public void A_view_whose_layout_cannot_hold_the_newest_values_says_so()
    {
        using Carry live = Carry.Open().Load();
        live.Maps.Wider[1] = new Carry.Extremes { Highest = 1 };
        live.Live.HotReload(CarryNext.Open().Object);
        Assert.Contains("member 'highest' has 4 bytes and had 8: greater values would not fit. Read it by GetMap(\"wider\")", Assert.Throws<BpfException>(() => live.Maps.Wider[1]).Message, StringComparison.Ordinal);
        live.HotReload(Carry.Open());
        Assert.Equal(1, live.Maps.Wider[1].Highest);
    }

    [Fact]
    public void A_pin_of_another_kind_is_not_used() => InFolder(folder =>
    {
        using (Versions first = Load(folder, Version(1)))
        {
            first.Attach();
        }

        string pin = Path.Combine(folder, Names(folder).Single(static name => name.StartsWith("map_marks", StringComparison.Ordinal)));
        File.Delete(pin);
        using (BpfObject other = BpfObject.Load(Version(1).Object))
        {
            other.Programs.Single(static one => one.IsLoaded).Pin(pin);
        }

        Assert.Contains("it is not a map", Assert.Throws<BpfException>(() => Load(folder, Version(1))).Message, StringComparison.Ordinal);
        Assert.Equal(Names(folder).Length, new BpfHandover(folder).Remove());
        Assert.False(Directory.Exists(folder));
    });

    [Theory]
    [InlineData("{", "it is damaged")]
    [InlineData("", "it is empty")]
    [InlineData("null", "it is empty")]
    [InlineData("""{"Format":99,"Object":"versions","Generation":1,"IsComplete":true,"Owner":{"Process":1,"Name":"","Sdk":""},"Pins":[]}""", "its format is 99, and this version of the SDK knows 1")]
    public void A_manifest_that_cannot_be_read_is_told_and_removed_by_force(string text, string why) => InFolder(folder =>
    {
        using (Versions first = Load(folder, Version(1)))
        {
            first.Attach();
            Call(8);
        }

        using (BpfMapHandle manifest = BpfMapHandle.OpenPinned(Path.Combine(folder, "manifest")))
        {
            WriteManifest(manifest, text);
        }

        string[] before = Names(folder);
        BpfException told = Assert.Throws<BpfException>(() => Load(folder, Version(1)));
        Assert.Contains($"The manifest of {folder} cannot be read: {why}", told.Message, StringComparison.Ordinal);
        Assert.Contains("--force", told.Message, StringComparison.Ordinal);
        Assert.Equal(before, Names(folder));
        Assert.Throws<BpfException>(() => new BpfHandover(folder).Remove());
        Assert.Equal(before.Length, new BpfHandover(folder).Remove(all: true));
        Assert.False(Directory.Exists(folder));
    });

    [Fact]
    public void What_cannot_be_handed_over_is_told_before_anything_is_pinned() => InFolder(folder =>
    {
        // Sleepable, which no kernel before 7.2 accepts behind a dispatcher.
        Assert.SkipUnless(KernelFacts.Running >= new Version(6, 0) && KernelFacts.Running < new Version(7, 2), "this kernel has sleepable probes behind dispatchers, or none at all");
        using Versions live = OrSkipWhereRefused(Versions.Open().Programs.Sleepable, () => Load(folder, Version(1, static spec => spec.Programs.Sleepable)));
        Assert.Contains("cannot be handed over", Assert.Throws<BpfException>(() => live.Programs.Sleepable.Attach(HotReloadTests.Library, "getpgid")).Message, StringComparison.Ordinal);
        Assert.Empty(live.Live.Links);
        live.Live.Withdraw();
    });

    [Fact]
    public void A_folder_with_something_else_is_left_alone() => InFolder(folder =>
    {
        Directory.CreateDirectory(folder);
        using (BpfObject other = BpfObject.Load(Version(1).Object))
        {
            other.GetMap("marks").Pin(Path.Combine(folder, "foreign"));
        }

        Assert.Contains("has foreign, which is not of this SDK", Assert.Throws<BpfException>(() => Load(folder, Version(1))).Message, StringComparison.Ordinal);
        Assert.Equal(["foreign"], Names(folder));
        File.Delete(Path.Combine(folder, "foreign"));
        using (Versions first = Load(folder, Version(1)))
        {
        }

        using BpfObject unlike = BpfObject.Load(Version(1).Object);
        BpfObjectSpec renamed = Carry.Open().Object;
        Assert.Contains("has object versions, and this one is carry", Assert.Throws<BpfException>(() => Load(folder, renamed)).Message, StringComparison.Ordinal);
        using Versions last = Load(folder, Version(1));
        last.Live.Withdraw();
    });

    [Fact]
    public void A_path_that_is_in_no_BPF_file_system_is_told()
        => Assert.All((string[])[Path.GetTempPath(), Path.Combine(Path.GetTempPath(), "hypermesh-none", "agent")], static path
            => Assert.Contains("is not in a BPF file system", Assert.Throws<BpfException>(() => Load(path, Version(1))).Message, StringComparison.Ordinal));

    [Fact]
    public void What_is_detached_is_not_taken_over() => InFolder(folder =>
    {
        using (Versions first = Load(folder, Version(1)))
        {
            first.Programs.Raw.Attach().Dispose();
            Assert.DoesNotContain(Names(folder), static name => name.StartsWith("link_", StringComparison.Ordinal));
        }

        using Versions next = Load(folder, Version(1));
        Assert.Empty(next.Live.Links);
        Call(7);
        Assert.Equal(0u, next.Maps.Marks[7]);
        next.Live.Withdraw();
    });

    [Fact]
    public void A_child_that_has_not_yet_executed_its_program_does_not_keep_the_folder() => InFolder(folder =>
    {
        // Such a child has a duplicate of each descriptor.
        const int Duplicate = 32, Close = 3;
        nint copy;
        using (Versions first = Load(folder, Version(1)))
        {
            string open = Directory.GetFileSystemEntries("/proc/self/fd").Single(one => new FileInfo(one).LinkTarget?.EndsWith("/agents/one", StringComparison.Ordinal) == true);
            copy = (nint)LibC.Syscall(Duplicate, nint.Parse(Path.GetFileName(open), System.Globalization.CultureInfo.InvariantCulture), 0, 0, 0, 0);
            Assert.True(copy > 0);
        }

        using (Versions second = Load(folder, Version(1)))
        {
            second.Live.Withdraw();
        }

        Assert.Equal(0, LibC.Syscall(Close, copy, 0, 0, 0, 0));
    });

    [Fact]
    public void A_hot_reload_of_a_pinned_object_keeps_its_pins_up_to_date() => InFolder(folder =>
    {
        using (Versions first = Load(folder, Version(1)))
        {
            first.Attach();
            Call(64);
            first.Live.HotReload(RelaidSpec(2));
            Call(64);
        }

        using BpfObject next = Load(folder, RelaidSpec(1));
        Assert.Equal(2ul, CountOf(next));
        Assert.Equal(BpfReloadWay.Dispatched, next.Adopted!.Programs.Single().Way);
        next.Withdraw();
    });

    private static ulong Read(BpfObject live, string variable) => live.SectionOf(variable, out int offset).Read<ulong>(offset);

    private static unsafe void WriteManifest(BpfMapHandle manifest, string text)
    {
        byte[] value = new byte[manifest.ValueSize], json = System.Text.Encoding.UTF8.GetBytes(text);
        BitConverter.TryWriteBytes(value, json.Length);
        json.CopyTo(value, sizeof(int));
        int key = 0;
        fixed (byte* from = value)
        {
            Assert.Equal(0, MapCalls.OwnUpdate(manifest, &key, from));
        }
    }

    private static ulong CountOf(BpfObject live)
        => live.GetMap("totals").ValueSize == System.Runtime.CompilerServices.Unsafe.SizeOf<Versions.Total>()
            ? new BpfPerCpuHashMap<uint, Versions.Total>(live.GetMap("totals"))[0].ToArray().Aggregate(0ul, static (sum, one) => sum + one.Count)
            : new BpfPerCpuHashMap<uint, Relaid.Total>(live.GetMap("totals"))[0].ToArray().Aggregate(0ul, static (sum, one) => sum + one.Count);

    private static void Call(uint number) => LibC.Syscall(GetPgid, (nint)number, 0, 0, 0, 0);

    private static string[] Names(string folder) => [.. Directory.EnumerateFiles(folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static void InFolder(Action<string> test) => Sandbox.WithBpfFileSystem(root => test(Path.Combine(root, "agents", "one")));

    private static Versions.Spec Version(uint version, Func<Versions.Spec, BpfProgramSpec>? choose = null)
    {
        Versions.Spec spec = Versions.Open();
        spec.Globals.Version = version;
        spec.Globals.Tgid = (uint)Environment.ProcessId;
        (choose ?? (static spec => spec.Programs.Raw))(spec).Enabled = true;
        return spec;
    }

    private static BpfObjectSpec RelaidSpec(uint version)
    {
        // The next version of an object has its name.
        BpfObjectSpec spec = BpfObjectSpec.Read(Relaid.Open().Object.Elf.Image, "versions");
        spec.SectionOf("version", out int offset).Write(offset, version);
        spec.SectionOf("tgid", out offset).Write(offset, (uint)Environment.ProcessId);
        spec.Program("raw").Enabled = true;
        return spec;
    }

    private static Versions Load(string folder, Versions.Spec spec) => spec.Load(new BpfLoadOptions { Handover = new BpfHandover(folder) });

    private static BpfObject Load(string folder, BpfObjectSpec spec) => BpfObject.Load(spec, new BpfLoadOptions { Handover = new BpfHandover(folder) });
}
