namespace Hypermesh.Bpf.Tests.Kernel.Globals;

/// <summary>Globals through the generated bindings.</summary>
public sealed class TypedGlobalsTests : KernelTest
{
    private const int Closes = 100;

    [Fact]
    [Row("maps", "resize a data section (set_value_size on .bss.x, last array variable)")]
    public void An_array_has_the_length_given_before_the_load()
    {
        Kinds.Spec spec = Kinds.Open();
        Assert.Equal(1, spec.Globals.PerLength.Length);
        spec.Globals.PerLength.Resize(1000);
        spec.Globals.PerLength[999] = 5;
        spec.Globals.Limits.Resize(3);
        spec.Globals.Limits[2] = 9;
        Assert.Equal(7u, spec.Globals.Limits[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => spec.Globals.Limits[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => spec.Globals.Limits.Resize(0));
        using Kinds live = spec.Load();

        Send(live, Closes);

        Assert.Equal((1000, 3), (live.Globals.PerLength.Length, live.Globals.Limits.Length));
        Assert.Equal((100ul, 5ul, 9u), (live.Globals.PerLength[0], live.Globals.PerLength[999], live.Globals.Limits[2]));
        live.Globals.PerLength[998] = 4;
        ulong[] all = new ulong[1000];
        live.Globals.PerLength.CopyTo(all);
        Assert.Equal([100, 0, 4, 5], new[] { all[0], all[1], all[998], all[999] });
        Assert.Throws<ArgumentOutOfRangeException>(() => live.Globals.PerLength[1000]);
        Assert.Throws<ArgumentException>(() => live.Globals.PerLength.CopyTo(new ulong[1001]));
    }

    [Fact]
    public void Booleans_and_network_order_are_as_the_program_left_them()
    {
        using Kinds live = Kinds.Open().Load();

        Send(live, 65);

        Kinds.BooleanArray4 seen = live.Globals.Seen;
        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(i => seen[i]));
        Assert.Equal((0x5000, 0x0050), (live.Globals.Port, live.Globals.PortHostOrder));
        live.Globals.PortHostOrder = 443;
        Assert.Equal(0xbb01, live.Globals.Port);
    }

    [Fact]
    [Row("maps", "special field: bpf_spin_lock")]
    public void A_section_with_a_lock_is_not_mapped()
    {
        Kinds.Spec spec = Kinds.Open();
        spec.Programs.LockAndCount.Enabled = true;
        Kinds live;
        try
        {
            live = spec.Load();
        }
        catch (BpfVerifierException refused) when (refused.Log.Contains("bpf_spin_lock", StringComparison.Ordinal))
        {
            TestContext.Current.TestOutputHelper?.WriteLine(refused.Reason);
            Assert.Skip("this kernel has no locks among globals");
            return;
        }

        using (live)
        {
            live.Programs.LockAndCount.TestRun(new byte[Closes]);

            Assert.Equal(1ul, live.Globals.Locked);
            Assert.Throws<BpfException>(() => live.Live.GetSection(".data.private"));
        }
    }

    private static void Send(Kinds live, int length) => Assert.Equal(2u, live.Programs.Send.TestRun(new byte[length]).ReturnValue);
}
