using Hypermesh.Bpf.Tests.Build.Harness;

namespace Hypermesh.Bpf.Tests.Build;

/// <summary>Mistakes people make, each in a project of its own: told by the compiler, at the line that is wrong.</summary>
public sealed class MistakeTests(PackedFeed feed)
{
    private const string Here = "/*here*/";

    private const string C = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>

        struct event {
        	__u64 time_ns;
        };

        struct {
        	__uint(type, BPF_MAP_TYPE_HASH);
        	__uint(max_entries, 64);
        	__type(key, __u32);
        	__type(value, __u64);
        } by_device SEC(".maps");

        struct {
        	__uint(type, BPF_MAP_TYPE_ARRAY);
        	__uint(max_entries, 4);
        	__type(key, __u32);
        	__type(value, __u64);
        } totals SEC(".maps");

        struct {
        	__uint(type, BPF_MAP_TYPE_RINGBUF);
        	__uint(max_entries, 4096);
        	__type(value, struct event);
        } events SEC(".maps");

        __u64 seen;

        static __attribute__((unused)) int step(__u32 index, void *context)
        {
        	return 0;
        }

        SEC("xdp")
        int on_packet(struct xdp_md *ctx)
        {
        	struct event event = { .time_ns = bpf_ktime_get_ns() };

        	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
        	seen++;
        	return XDP_PASS;
        }

        char LICENSE[] SEC("license") = "Dual BSD/GPL";

        """;

    private const string CSharp = """
        using Packets packets = Packets.Open().Load();
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
        Console.WriteLine(packets.Globals.Seen);

        """;

    // What is right, what is written in its place, and what the compiler says of it.
    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "\tseen++;", "\tsean++; /*here*/", "HMBPF1001" },
        { "#include <bpf/bpf_helpers.h>", "#include <bpf/bpf_helper.h> /*here*/", "HMBPF1003" },
        { "\tseen++;", "\tbpf_loop(4, step, 0, 0); /*here*/", "HMBPF2505" },
        { "\tseen++;\n\treturn XDP_PASS;\n}\n\nchar LICENSE[] SEC(\"license\") = \"Dual BSD/GPL\";", "\tbpf_trace_printk(\"\", 1); /*here*/\n\treturn XDP_PASS;\n}\n\nchar LICENSE[] SEC(\"license\") = \"MIT\";", "HMBPF2502" },
        { "\t__uint(max_entries, 4096);\n\t__type(value, struct event);\n} events SEC(\".maps\");", "\t__uint(max_entries, 4096);\n} events SEC(\".maps\");", "HMBPF2503" },
        { "__u64 seen;", "__u64 seen; /*here*/\n__u64 Seen;", "HMBPF2008" },
        { "packets.Programs.OnPacket.Attach(NetworkDevice.FromName(\"lo\"));", "packets.Programs.OnPacket.Attach(); /*here*/", "CS7036" },
        { "packets.Globals.Seen", "packets.Maps.ByDevice[\"eth0\"] /*here*/", "CS1503" },
        { "Console.WriteLine(packets.Globals.Seen);", "packets.Maps.Totals.TryTake(1, out _); /*here*/", "CS1061" },
        { "Console.WriteLine(packets.Globals.Seen);", "packets.Maps.Events.MaxEntries = 8192; /*here*/", "CS0200" },
        { "using Packets packets = Packets.Open().Load();", "Packets packets = Packets.Open().Load(); /*here*/", "HMBPF3001" },
        { "using Packets packets = Packets.Open().Load();\npackets.Programs.OnPacket.Attach(NetworkDevice.FromName(\"lo\"));", "using Packets packets = Packets.Open().Load(); /*here*/", "HMBPF3004" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_told_at_its_line(string right, string wrong, string code)
    {
        bool isC = C.Contains(right, StringComparison.Ordinal);
        Assert.True(isC || CSharp.Contains(right, StringComparison.Ordinal), right);
        string c = isC ? C.Replace(right, wrong, StringComparison.Ordinal) : C;
        string csharp = isC ? CSharp : CSharp.Replace(right, wrong, StringComparison.Ordinal);
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", c);
        project.Write("Main.cs", csharp);

        IReadOnlyList<string> told = project.Build().Diagnostics(code);

        // Where nothing marks the line, it is the one that hands the record over.
        string text = isC ? c : csharp;
        int at = text.IndexOf(text.Contains(Here, StringComparison.Ordinal) ? Here : "bpf_ringbuf_output", StringComparison.Ordinal);
        string place = $"{project.PathOf(isC ? "packets.bpf.c" : "Main.cs")}({text[..at].Count(static letter => letter == '\n') + 1},";
        Assert.Contains(told, line => line.StartsWith(place, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_mistake_nothing_is_told()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", C);
        project.Write("Main.cs", CSharp);

        project.Build("-warnaserror").Succeeded();
    }
}
