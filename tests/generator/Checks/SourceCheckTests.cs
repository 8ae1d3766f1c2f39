using Hypermesh.Bpf.Tests.Generator.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Hypermesh.Bpf.Tests.Generator.Checks;

/// <summary>What is questionable in the C is told at its line.</summary>
public sealed class SourceCheckTests
{
    private const string Wrong = "/* wrong: ";

    [Theory]
    [InlineData("HMBPF2501", "return XDP_PASS")]
    [InlineData("HMBPF2502", "bpf_printk(")]
    [InlineData("HMBPF2503", "bpf_ringbuf_reserve(")]
    [InlineData("HMBPF2504", "bpf_map_update_elem(")]
    [InlineData("HMBPF2011", "bpf_ringbuf_output(")]
    [InlineData("HMBPF2506", "bpf_map_update_elem(")]
    [InlineData("HMBPF2507", "bpf_map_update_elem(")]
    [InlineData("HMBPF2508", "return XDP_PASS")]
    [InlineData("HMBPF2509", "return 0")]
    [InlineData("HMBPF2510", "bpf_rcu_read_locks();")]
    [InlineData("HMBPF2511", "next->tgid")]
    [InlineData("HMBPF2512", "int on_fork(")]
    [InlineData("HMBPF2513", "count, step")]
    [InlineData("HMBPF2514", "names[count & 1]")]
    [InlineData("HMBPF2515", "bpf_get_current_comm(comm")]
    [InlineData("HMBPF2516", "eth->h_proto == ETH_P_IP")]
    [InlineData("HMBPF2517", "bpf_map_update_elem(")]
    [InlineData("HMBPF2518", "bpf_probe_read_kernel_str(")]
    [InlineData("HMBPF2519", "bpf_map_lookup_elem(&by_device")]
    [InlineData("HMBPF2520", "bpf_map_lookup_elem(&by_device")]
    [InlineData("HMBPF2521", "bpf_get_current_pid_tgid() != wanted")]
    [InlineData("HMBPF2522", "bpf_ringbuf_output(")]
    [InlineData("HMBPF2523", "bpf_ringbuf_reserve(")]
    [InlineData("HMBPF2524", "bpf_perf_event_output(")]
    [InlineData("HMBPF2525", "bpf_map_update_elem(")]
    [InlineData("HMBPF2526", "bytes += ctx->len")]
    [InlineData("HMBPF2527", "return XDP_PASS")]
    [InlineData("HMBPF2528", "BPF_KPROBE(on_return")]
    [InlineData("HMBPF2529", "bpf_perf_event_output(")]
    [InlineData("HMBPF2530", "eth + sizeof(*eth)")]
    [InlineData("HMBPF2531", "BPF_PROG(on_switch")]
    [InlineData("HMBPF2532", "hm_reserve(events)")]
    [InlineData("HMBPF2533", "pid = bpf_get_current_pid_tgid()")]
    [InlineData("HMBPF2534", "(void *)ctx + ctx->__data_loc_filename")]
    [InlineData("HMBPF2535", "bpf_strncmp(")]
    [InlineData("HMBPF2536", "last = ctx->pid")]
    [InlineData("HMBPF2537", "bpf_map_update_elem(")]
    [InlineData("HMBPF2538", "__sync_fetch_and_add(")]
    [InlineData("HMBPF2539", "flow.port = ")]
    [InlineData("HMBPF2540", "data + sizeof(eth))")]
    [InlineData("HMBPF2541", "last->time = ")]
    [InlineData("HMBPF2542", "bpf_printk(")]
    public void Each_finding_is_at_its_line(string id, string line)
    {
        Diagnostic told = GeneratorRun.Of([Carrier($"Rules/{id}Wrong")]).Diagnostics.Single(found => found.Id == id);

        string c = RulePage.Of(id).Code("Wrong", "c")!;
        Assert.Equal(
            Array.FindIndex(c.Split('\n'), text => text.Contains(line, StringComparison.Ordinal)),
            told.Location.GetLineSpan().StartLinePosition.Line);
    }

    [Fact]
    public void Each_record_is_reported_with_the_line_to_write()
    {
        string[] told = [.. Records().Diagnostics.Where(found => found.Id == "HMBPF2503")
            .OrderBy(found => found.Location.GetLineSpan().StartLinePosition.Line)
            .Select(found => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture))];

        Assert.Equal(4, told.Length);
        AssertSays(told[0], "Perf event array 'perf'", "'struct lost'", "Write HM_EVENT(struct lost); of <hypermesh/event.h> below the type.");
        AssertSays(told[1], "Ring buffer 'two_types'", "'struct first'", "Write HM_EVENT(struct first);");
        AssertSays(told[2], "Ring buffer 'two_types'", "'struct second'", "Write HM_EVENT(struct second);");
        AssertSays(told[3], "Ring buffer 'by_pointer'", "what 'pointed' points to", "Write __type(value, struct …); in the definition of 'by_pointer'");
    }

    [Fact]
    public void The_skeleton_has_what_HM_EVENT_names()
    {
        string code = Assert.Single(Records().Sources).SourceText.ToString();

        Assert.Contains("public partial struct Kept", code, StringComparison.Ordinal);
        Assert.Contains("public partial struct NamedT", code, StringComparison.Ordinal);
        Assert.DoesNotContain("struct Lost", code, StringComparison.Ordinal);
        Assert.DoesNotContain("hm_event", code, StringComparison.Ordinal);
    }

    [Fact]
    public void A_padded_key_is_reported_with_its_bytes()
        => Assert.Contains(
            "'struct flow', has padding (bytes 6 to 7)",
            GeneratorRun.Of([Carrier("Rules/HMBPF2504Wrong")]).Diagnostics.Single(found => found.Id == "HMBPF2504").GetMessage(System.Globalization.CultureInfo.InvariantCulture),
            StringComparison.Ordinal);

    [Fact]
    public void Opening_the_C_in_an_editor_computes_nothing()
    {
        CarrierFile carrier = CarrierFile.Named("Events");
        var before = new CFile("int a;");
        GeneratorRun first = GeneratorRun.Of([carrier, before]);

        GeneratorRun second = first.AgainWith(before, new CFile("int b;"));

        Assert.All(
            second.Result.TrackedSteps.Values.SelectMany(steps => steps).SelectMany(step => step.Outputs),
            output => Assert.True(output.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, output.Reason.ToString()));
        Assert.Equal(first.Sources.Select(source => source.SourceText.ToString()), second.Sources.Select(source => source.SourceText.ToString()));
    }

    [Fact]
    public void Fields_at_a_fixed_offset_are_reported_and_relocated_ones_are_not()
    {
        int[] told = [.. Of("Fields", "HMBPF2511").Select(found => found.Location.GetLineSpan().StartLinePosition.Line + 1).Order()];

        string[] lines = Example("fields.bpf.c");
        Assert.Equal(lines.Index().Where(line => line.Item.Contains("/* wrong */", StringComparison.Ordinal)).Select(line => line.Index + 1), told);
    }

    [Fact]
    public void Memory_of_a_process_is_reported_where_a_helper_for_kernel_memory_reads_it()
    {
        Diagnostic[] told = Of("Process", "HMBPF2518");

        string[] lines = Example("process.bpf.c");
        Assert.Equal(
            lines.Index().Where(line => line.Item.Contains("/* wrong */", StringComparison.Ordinal)).Select(line => line.Index + 1),
            told.Select(found => found.Location.GetLineSpan().StartLinePosition.Line + 1).Order());
        string[] messages = [.. told.Select(found => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Contains(messages, message => message.StartsWith("bpf_probe_read_kernel_str in 'direct' gets an address that a process passed", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Contains("Write bpf_probe_read_user_str,", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Contains("Write BPF_CORE_READ_USER,", StringComparison.Ordinal));
    }

    [Fact]
    public void A_metric_tag_that_cannot_become_an_instrument_is_reported_with_the_remedy_and_all_others_are_not()
    {
        string[] told = [.. Of("Metrics", "HMBPF2519").Select(found => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture))];

        string[] wrong = [.. Example("metrics.bpf.c").Where(line => line.StartsWith("/* wrong: ", StringComparison.Ordinal)).Select(line => line["/* wrong: ".Length..^" */".Length])];
        Assert.Equal(wrong.Length, told.Length);
        Assert.All(wrong, text => Assert.Single(told, message => message.Contains(text, StringComparison.Ordinal)));
        Assert.All(told, message => Assert.DoesNotContain("good.", message.Split(' ')[0], StringComparison.Ordinal));
    }

    [Fact]
    public void A_metric_tag_is_reported_at_the_line_of_its_declaration_in_the_header()
    {
        string carrier = CarrierFile.TextOf("Rules/Metrics")
            .Replace("\naccessibility public\n", "\naccessibility public\ndoc of_array\t12\t1\tbpf/own.h\ndoc struct bits.count\t14\t1\n", StringComparison.Ordinal);

        Diagnostic[] told = [.. GeneratorRun.Of([new CarrierFile("/project/obj/bpf/x.bpf.elf.txt", carrier)]).Diagnostics.Where(found => found.Id == "HMBPF2519")];

        FileLinePositionSpan array = told.Single(found => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains("'of_array'", StringComparison.Ordinal)).Location.GetLineSpan();
        Assert.EndsWith("bpf/own.h", array.Path, StringComparison.Ordinal);
        Assert.Equal(11, array.StartLinePosition.Line);
        FileLinePositionSpan member = told.Single(found => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains("'struct bits.count'", StringComparison.Ordinal)).Location.GetLineSpan();
        Assert.EndsWith("bpf/metrics.bpf.c", member.Path, StringComparison.Ordinal);
        Assert.Equal(13, member.StartLinePosition.Line);
    }

    [Theory]
    [InlineData("Map 'counts'", "share the map between the objects with ReplacedMaps or by pinning, or link the objects with hmbpf gen object.")]
    [InlineData("Variable 'total'", "Define it in this file, or keep the value in a map")]
    [InlineData("Variable 'CONFIG_HZ'", "end its declaration with __kconfig.")]
    [InlineData("Function 'add'", "Define it in this file (as static inline in a header that both include), or link the objects")]
    [InlineData("Function 'bpf_rcu_read_lock'", "end its declaration with __ksym.")]
    public void An_undefined_symbol_is_reported_with_its_kind(string what, string remedy)
    {
        Diagnostic told = Of("Undefined", "HMBPF2517").Single(found => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture).StartsWith(what + " ", StringComparison.Ordinal));

        AssertSays(told.GetMessage(System.Globalization.CultureInfo.InvariantCulture), "is declared extern here, and each .bpf.c becomes an object of its own. ", remedy);
        Assert.Contains($"/* {what} */", Example("undefined.bpf.c")[told.Location.GetLineSpan().StartLinePosition.Line], StringComparison.Ordinal);
        Assert.Equal(5, GeneratorRun.Of([Carrier("Rules/Undefined")]).Diagnostics.Length);
    }

    [Theory]
    [InlineData("HMBPF2521")]
    [InlineData("HMBPF2522")]
    [InlineData("HMBPF2523")]
    [InlineData("HMBPF2524")]
    [InlineData("HMBPF2525")]
    public void Values_that_are_sent_stored_or_compared_are_reported_at_the_lines_that_say_so(string id)
    {
        string[] lines = Example("values.bpf.c");

        Assert.Equal(
            Enumerable.Range(1, lines.Length).Where(line => lines[line - 1].EndsWith($"; /* {id} */", StringComparison.Ordinal) || lines[line - 1].EndsWith($") /* {id} */", StringComparison.Ordinal)),
            Of("Values", id).Where(static found => !found.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains("'by_text'", StringComparison.Ordinal))
                .Select(static found => found.Location.GetLineSpan().StartLinePosition.Line + 1).Order());
    }

    [Theory]
    [InlineData("HMBPF2515")]
    [InlineData("HMBPF2527")]
    public void Records_that_are_addresses_and_refusals_of_everything_are_reported_and_those_that_are_meant_are_not(string id)
    {
        string[] lines = Example("verdicts.bpf.c");

        Assert.Equal(
            Enumerable.Range(1, lines.Length).Where(line => lines[line - 1].EndsWith($" /* {id} */", StringComparison.Ordinal)),
            Of("Verdicts", id).Select(static found => found.Location.GetLineSpan().StartLinePosition.Line + 1).Order());
    }

    [Fact]
    public void A_first_count_that_can_be_lost_is_reported_and_states_are_not()
    {
        string[] lines = Example("counts.bpf.c");

        Assert.Equal(
            Enumerable.Range(1, lines.Length).Where(line => lines[line - 1].EndsWith("; /* HMBPF2537 */", StringComparison.Ordinal)),
            Of("Counts", "HMBPF2537").Select(static found => found.Location.GetLineSpan().StartLinePosition.Line + 1).Order());
    }

    [Theory]
    [InlineData("HMBPF2520", "'by_size' states only the size of its key (4 bytes)", "Write __type(key, TYPE);")]
    [InlineData("HMBPF2520", "'blob' states only the size of its value (16 bytes)", "Write __type(value, TYPE);")]
    [InlineData("HMBPF2525", "The key of map 'by_text', 'char *',", "char name[16];")]
    public void Types_that_a_definition_lacks_are_reported_for_these_maps_only(string id, params string[] parts)
    {
        Assert.Single(Of("Values", id), found => parts.All(part => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains(part, StringComparison.Ordinal)));
        Assert.Equal(2, Of("Values", "HMBPF2520").Length);
    }

    [Fact]
    public void A_parameter_that_is_not_the_context_of_the_section_is_reported_with_the_remedy_and_all_others_are_not()
    {
        (int Line, string[] Parts)[] wrong =
        [
            .. Example("contexts.bpf.c").Index().Where(static line => line.Item.EndsWith(" */", StringComparison.Ordinal) && line.Item.Contains(Wrong, StringComparison.Ordinal))
                .Select(static line => (line.Index, line.Item[(line.Item.IndexOf(Wrong, StringComparison.Ordinal) + Wrong.Length)..^" */".Length].Split(" | "))),
        ];
        Diagnostic[] told = Of("Contexts", "HMBPF2526");

        Assert.Equal(wrong.Select(static one => one.Line), told.Select(static found => found.Location.GetLineSpan().StartLinePosition.Line).Order());
        Assert.All(wrong, one => AssertSays(
            told.Single(found => found.Location.GetLineSpan().StartLinePosition.Line == one.Line).GetMessage(System.Globalization.CultureInfo.InvariantCulture), one.Parts));
    }

    [Theory]
    [InlineData("HMBPF2506", "'no_entries' (LruHash) states no max_entries", "__uint(max_entries, 1024);")]
    [InlineData("HMBPF2506", "'no_key' (Hash) states no key", "__type(key, TYPE);")]
    [InlineData("HMBPF2506", "'no_value' (Queue) states no value", "__type(value, TYPE);")]
    [InlineData("HMBPF2506", "'no_size' (RingBuf) states no max_entries", "__uint(max_entries, 1024);")]
    [InlineData("HMBPF2506", "within 'outer' (Hash) states no max_entries", "__uint(max_entries, 1024);")]
    [InlineData("HMBPF2507", "'plain'", "section .bss", "} plain SEC(\".maps\");")]
    [InlineData("HMBPF2507", "'elsewhere'", "section .data.maps")]
    [InlineData("HMBPF2508", "'misspelt'", "The nearest known section is SEC(\"tp_btf/sched_switch\")")]
    [InlineData("HMBPF2508", "'swapped'", "is SEC(\"xdp\")")]
    [InlineData("HMBPF2508", "'old_style'", "is SEC(\"xdp\")")]
    [InlineData("HMBPF2508", "'plural'", "is SEC(\"tracepoint/sched/sched_switch\")")]
    [InlineData("HMBPF2508", "'other_case'", "is SEC(\"xdp\")")]
    [InlineData("HMBPF2508", "'cgroup'", "is SEC(\"cgroup_skb/ingress\")")]
    [InlineData("HMBPF2508", "'wild'", "such as SEC(\"xdp\")")]
    [InlineData("HMBPF2509", "'bare'", "SEC(\"tp_btf/sched_switch\")")]
    [InlineData("HMBPF2509", "'bare_slash'", "SEC(\"lsm/file_open\")")]
    [InlineData("HMBPF2509", "'bare_iterator'", "SEC(\"iter/task\")")]
    [InlineData("HMBPF2509", "'no_category'", "SEC(\"tp/sched/sched_switch\")")]
    [InlineData("HMBPF2509", "'category_of_typed'", "SEC(\"tp_btf/sched_switch\")")]
    [InlineData("HMBPF2508", "'colons'", "is SEC(\"tracepoint/sched/sched_switch\")")]
    [InlineData("HMBPF2510", "'bpf_no_such_thing'")]
    [InlineData("HMBPF2510", "'bpf_task_releas'", "bpf_task_release")]
    public void What_the_kernel_would_reject_is_reported_at_the_build(string id, params string[] parts)
        => Assert.Single(Of("Mistaken", id), found => parts.All(part => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains(part, StringComparison.Ordinal)));

    [Theory]
    [InlineData("HMBPF2506", 5)]
    [InlineData("HMBPF2507", 2)]
    [InlineData("HMBPF2508", 8)]
    [InlineData("HMBPF2509", 5)]
    [InlineData("HMBPF2510", 2)]
    public void Correct_C_is_not_reported(string id, int mistakes) => Assert.Equal(mistakes, Of("Mistaken", id).Length);

    [Fact]
    public void For_a_function_that_no_kernel_has_no_release_is_named()
    {
        string carrier = CarrierFile.TextOf("Rules/Mistaken").Replace("\naccessibility public\n", "\naccessibility public\nkernel 5.10\n", StringComparison.Ordinal);

        Diagnostic[] told = [.. GeneratorRun.Of([new CarrierFile("/project/obj/bpf/x.bpf.elf.txt", carrier)]).Diagnostics.Where(found => found.Id == "HMBPF2505")];

        Assert.DoesNotContain(told, found => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains("bpf_no_such_thing", StringComparison.Ordinal));
    }

    [Fact]
    public void A_comparison_across_byte_orders_is_reported_in_its_header_with_the_remedy()
    {
        string carrier = CarrierFile.TextOf("Rules/HMBPF2516Right")
            .Replace("\naccessibility public\n", "\naccessibility public\norder 7\tbpf/own.h\tproto\t\tETH_P_ARP\tbpf_htons(ETH_P_ARP)\n", StringComparison.Ordinal);

        Diagnostic told = Assert.Single(GeneratorRun.Of([new CarrierFile("/project/obj/bpf/x.bpf.elf.txt", carrier)]).Diagnostics);

        Assert.Equal("HMBPF2516", told.Id);
        Assert.EndsWith("bpf/own.h", told.Location.GetLineSpan().Path, StringComparison.Ordinal);
        Assert.Equal(6, told.Location.GetLineSpan().StartLinePosition.Line);
        AssertSays(told.GetMessage(System.Globalization.CultureInfo.InvariantCulture), "'proto' is in network byte order", "ETH_P_ARP is in the byte order of the machine", "Write bpf_htons(ETH_P_ARP)");
    }

    [Theory]
    [InlineData("order 7\tbpf/own.h\tproto")]
    [InlineData("order x\t\tproto\t\tETH_P_ARP\tbpf_htons(ETH_P_ARP)")]
    [InlineData("order 0\t\tproto\t\tETH_P_ARP\tbpf_htons(ETH_P_ARP)")]
    public void A_damaged_line_about_a_comparison_is_reported_as_damage(string line)
    {
        string carrier = CarrierFile.TextOf("Rules/HMBPF2516Right").Replace("\naccessibility public\n", $"\naccessibility public\n{line}\n", StringComparison.Ordinal);

        Assert.Equal("HMBPF2002", Assert.Single(GeneratorRun.Of([new CarrierFile("/project/obj/bpf/x.bpf.elf.txt", carrier)]).Diagnostics).Id);
    }

    [Theory]
    [InlineData("mistake HMBPF2534\t7")]
    [InlineData("mistake HMBPF2534\tx\t\t__data_loc_name")]
    [InlineData("mistake HMBPF2534\t0\t\t__data_loc_name")]
    public void A_damaged_line_about_a_mistake_is_reported_as_damage(string line)
        => Assert.Equal("HMBPF2002", Assert.Single(WithLine(line)).Id);

    [Theory]
    [InlineData("mistake HMBPF2534\t7\t\ta\tb")]
    [InlineData("mistake HMBPF2599\t7\t\ta")]
    public void A_mistake_of_a_newer_task_is_not_reported(string line) => Assert.Empty(WithLine(line));

    [Fact]
    public void A_mistake_in_a_header_is_reported_there()
    {
        FileLinePositionSpan place = Assert.Single(WithLine("mistake HMBPF2534\t7\tbpf/own.h\t__data_loc_name")).Location.GetLineSpan();

        Assert.EndsWith("bpf/own.h", place.Path, StringComparison.Ordinal);
        Assert.Equal(6, place.StartLinePosition.Line);
    }

    private static Diagnostic[] WithLine(string line)
        => [.. GeneratorRun.Of([new CarrierFile("/project/obj/bpf/x.bpf.elf.txt", CarrierFile.TextOf("Rules/HMBPF2534Right").Replace("\naccessibility public\n", $"\naccessibility public\n{line}\n", StringComparison.Ordinal))]).Diagnostics];

    private static Diagnostic[] Of(string carrier, string id) => [.. GeneratorRun.Of([Carrier($"Rules/{carrier}")]).Diagnostics.Where(found => found.Id == id)];

    private static string[] Example(string file) => File.ReadAllLines(Path.Combine(RulePage.Folder, "../../../../tests/generator/Carriers", file));

    private static GeneratorRun Records() => GeneratorRun.Of([Carrier("Rules/Records")]);

    private static CarrierFile Carrier(string name) => new("/project/obj/bpf/x.bpf.elf.txt", CarrierFile.TextOf(name));

    private static void AssertSays(string message, params string[] parts)
        => Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));

    private sealed class CFile(string text) : AdditionalText
    {
        public override string Path => "/project/bpf/events.bpf.c";

        public override SourceText? GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
