using System.Net;
using System.Net.Sockets;
using System.Text;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.StructOps;

/// <summary>Struct_ops maps: congestion controls of our own, asked for by sockets of our own.</summary>
public sealed class StructOpsTests : KernelTest
{
    private const int CongestionControl = 13;

    [Fact]
    [Row("sections", "struct_ops")]
    [Row("links", "struct_ops register / .link / link map update")]
    public void A_struct_ops_without_link_is_live_while_it_is_registered()
    {
        using Congestion live = Congestion.Open().Load();
        BpfStructOps plain = live.Live.GetStructOps("plain");
        Assert.False(plain.IsLink);
        Assert.Throws<SocketException>(() => Choose("hm_plain"));

        BpfStructOpsLink link = plain.Attach();
        Choose("hm_plain");
        Choose("hm_plain");

        Assert.Equal(2UL, live.Globals.FirstInits);

        // Before 6.13 a socket that is reset lets go of its control when it is disconnected and again when it is destroyed.
        Assert.Equal(Environment.OSVersion.Version >= new Version(6, 13) ? 2UL : 4UL, live.Globals.FirstReleases);
        Assert.Null(link.Id);
        Assert.Throws<BpfException>(() => plain.Attach());
        Assert.Throws<BpfException>(() => link.Update(plain));
        link.Dispose();
        Assert.Null(plain.Link);
        Assert.Throws<SocketException>(() => Choose("hm_plain"));
    }

    [Fact]
    public void A_missing_member_and_a_second_registration_are_named()
    {
        Congestion.Spec spec = Congestion.Open();
        spec.Object.StructOpsMap("plain").Member("undo_cwnd").Program = null;
        using (Congestion lacking = spec.Load())
        {
            Assert.Contains("which have no value: undo_cwnd.", Assert.Throws<BpfSyscallException>(() => lacking.Live.GetStructOps("plain").Attach()).Message, StringComparison.Ordinal);
        }

        using Congestion live = Congestion.Open().Load();
        BpfStructOps plain = live.Live.GetStructOps("plain");
        BpfStructOpsLink link = plain.Attach();
        Assert.Contains("Attach was called before", Assert.Throws<BpfException>(() => plain.Attach()).Message, StringComparison.Ordinal);
        link.Dispose();
        Assert.Contains("declare it in SEC(\".struct_ops.link\")", Assert.Throws<BpfSyscallException>(() => plain.Attach()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_and_programs_are_chosen_before_the_load()
    {
        Congestion.Spec spec = Congestion.Open();
        Assert.Equal("hm_plain", spec.StructOps.Plain.Name.ToString());
        spec.StructOps.Plain.Name = new Congestion.Text16("hm_chosen"u8);
        spec.StructOps.Plain.Init = spec.Programs.HmInitSecond;
        spec.StructOps.Plain.Release = null;
        using Congestion live = spec.Load();
        Assert.False(live.StructOps.Linked.Map.IsCreated);

        live.StructOps.Plain.Attach();
        Choose("hm_chosen");

        Assert.Equal((0UL, 1UL, 0UL), (live.Globals.FirstInits, live.Globals.SecondInits, live.Globals.FirstReleases));
    }

    [Fact]
    [Row("maps", "STRUCT_OPS")]
    [Row("sections", ".struct_ops.link")]
    [Row("links", "link info: struct_ops")]
    public void A_link_is_updated_in_place_and_ends_with_the_object()
    {
        NeedsLinks();
        using (Congestion live = Both().Load())
        {
            // Not both by Attach: two of one name cannot be registered at once.
            BpfStructOps first = live.Live.GetStructOps("linked");
            first.Attach();
            Choose("hm_linked");
            Assert.Equal((1UL, 0UL), (live.Globals.FirstInits, live.Globals.SecondInits));
            var info = Assert.IsType<BpfMapLinkInfo>(BpfLinkInfo.FromId(first.Link!.Id!.Value));
            Assert.Equal(first.Map.Id, info.MapId);
            Assert.Equal(info, first.Link.GetInfo());

            first.Link.Update(live.Live.GetStructOps("replacement"));
            Choose("hm_linked");

            Assert.Equal((1UL, 1UL), (live.Globals.FirstInits, live.Globals.SecondInits));
            Assert.Equal("replacement", first.Link.StructOps.Name);
        }

        Assert.Throws<SocketException>(() => Choose("hm_linked"));
    }

    [Fact]
    [Row("sections", "?.struct_ops, ?.struct_ops.link (autocreate off)")]
    [Row("externs", "BTF sanitization: DATASEC name beginning ?")]
    public void Programs_of_no_struct_ops_in_use_are_not_loaded()
    {
        using Congestion live = Congestion.Open().Load();

        Assert.False(live.Live.GetStructOps("linked").Map.IsCreated);
        Assert.False(live.Programs.HmInitSecond.IsLoaded);
        Assert.True(live.Programs.HmInit.IsLoaded);
    }

    [Fact]
    public void Values_and_programs_are_open_to_change()
    {
        Congestion.Spec spec = Congestion.Open();
        BpfStructOpsSpec plain = spec.Object.StructOpsMap("plain");
        plain.Member("release").Program = null;
        plain.Write("name", Name("hm_renamed"));
        Assert.Throws<BpfException>(() => plain.Write("flags", 1L));
        Assert.Throws<BpfException>(() => plain.Member("flags").Program = spec.Object.Program("hm_init"));

        using Congestion live = spec.Load();
        live.Attach();
        Choose("hm_renamed");

        Assert.Equal((1UL, 0UL), (live.Globals.FirstInits, live.Globals.FirstReleases));
        Assert.False(live.Programs.HmRelease.IsLoaded);
    }

    [Fact]
    public void A_member_the_kernel_lacks_must_be_empty()
    {
        Congestion.Spec spec = Congestion.Open();
        spec.Object.StructOpsMap("plain").Write("no_such_field", 1UL);

        BpfException refusal = Assert.Throws<BpfException>(() => spec.Load());

        Assert.Contains("no_such_field", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("plain", refusal.SubjectName);
    }

    [Fact]
    public void A_struct_ops_without_a_required_function_is_rejected()
    {
        Congestion.Spec spec = Congestion.Open();
        spec.Object.StructOpsMap("plain").Member("ssthresh").Program = null;
        using Congestion live = spec.Load();

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => live.Attach());

        Assert.Contains("plain", refusal.Message, StringComparison.Ordinal);
        Assert.Null(live.Live.GetStructOps("plain").Link);
    }

    private static Congestion.Spec Both()
    {
        Congestion.Spec spec = Congestion.Open();
        spec.Object.StructOpsMap("plain").Enabled = false;
        spec.Object.StructOpsMap("linked").Enabled = true;
        spec.Object.StructOpsMap("replacement").Enabled = true;
        return spec;
    }

    private static void NeedsLinks() => OrSkip(Absence.OfMapFlag("BPF_F_LINK"), static () => Both().Load()).Dispose();

    // A connection over loopback: its client's end asks for the congestion control by name, and is gone at once when it is closed.
    private static void Choose(string name)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
        client.SetRawSocketOption((int)ProtocolType.Tcp, CongestionControl, Encoding.ASCII.GetBytes(name));
        client.Connect(listener.LocalEndPoint!);
        using Socket server = listener.Accept();
    }

    private static UInt128 Name(string name)
    {
        Span<byte> bytes = stackalloc byte[16];
        Encoding.ASCII.GetBytes(name, bytes);
        return System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(bytes);
    }
}
