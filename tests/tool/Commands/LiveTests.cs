using System.Globalization;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>Looks at an object while it is loaded and attached.</summary>
public sealed class LiveTests : IDisposable
{
    private readonly Shown? _shown;

    public LiveTests()
    {
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess)
        {
            _shown = Shown.Open().Load();
            _shown.Attach();
        }
    }

    public void Dispose() => _shown?.Dispose();

    [Fact]
    public void Lists_have_what_is_loaded()
    {
        Shown shown = Live();
        Assert.Contains(Programs(), program => program.GetProperty("id").GetUInt32() == shown.Programs.ShownProgram.Id && program.GetProperty("name").GetString() == "shown_program");
        Assert.Contains(
            Hmbpf.Run("map", "list", "--json").Json.GetProperty("maps").EnumerateArray(), map => map.GetProperty("id").GetUInt32() == shown.Maps.ShownValues.Id);
        Assert.Contains(
            Hmbpf.Run("link", "list", "--json").Json.GetProperty("links").EnumerateArray(),
            link => link.GetProperty("program").GetUInt32() == shown.Programs.ShownProgram.Id && link.GetProperty("name").GetString() == "shown_program");
        Assert.Contains(
            Hmbpf.Run("btf", "list", "--json").Json.GetProperty("btf").EnumerateArray(), static btf => btf.GetProperty("name").GetString() == "vmlinux");
        Assert.Contains("shown_program", Hmbpf.Run("prog", "list").Output, StringComparison.Ordinal);

        static JsonElement[] Programs() => [.. Hmbpf.Run("prog", "list", "--json").Json.GetProperty("programs").EnumerateArray()];
    }

    [Fact]
    public void A_program_is_shown_and_dumped_with_its_lines_of_C()
    {
        Shown shown = Live();
        string id = shown.Programs.ShownProgram.Id.ToString(CultureInfo.InvariantCulture);
        JsonElement facts = Hmbpf.Run("prog", "show", id, "--json").Json;
        Assert.Equal("Tracing", facts.GetProperty("type").GetString());
        Assert.Contains(facts.GetProperty("maps").EnumerateArray(), map => map.GetUInt32() == shown.Maps.ShownValues.Id);
        foreach (string[] command in new string[][] { ["prog", "dump", id], ["disasm", id] })
        {
            string text = Hmbpf.Run(command).Output;
            Assert.Contains("shown_program:", text, StringComparison.Ordinal);
            Assert.Contains("; shown_count++; @ shown.bpf.c:", text, StringComparison.Ordinal);
            Assert.Contains("exit", text, StringComparison.Ordinal);
            Assert.NotEqual(0, Hmbpf.Run([.. command, "--json"]).Json.GetProperty("instructions").GetArrayLength());
        }
    }

    /// <summary>bpftool names the kind of each target; its command lines are accepted.</summary>
    [Fact]
    public void The_words_of_bpftool_before_a_target_are_left_out()
    {
        Shown shown = Live();
        string program = shown.Programs.ShownProgram.Id.ToString(CultureInfo.InvariantCulture);
        string link = shown.Programs.ShownProgram.Links[0].Id!.Value.ToString(CultureInfo.InvariantCulture);

        Assert.Equal(shown.Programs.ShownProgram.Id, Hmbpf.Run("prog", "show", "id", program, "--json").Json.GetProperty("id").GetUInt32());
        Assert.Equal(shown.Programs.ShownProgram.Id, Hmbpf.Run("--json", "prog", "show", "name", "shown_program").Json.GetProperty("id").GetUInt32());
        Assert.Contains("shown_program:", Hmbpf.Run("prog", "dump", "xlated", "id", program).Output, StringComparison.Ordinal);
        Assert.Contains("shown_program:", Hmbpf.Run("disasm", "id", program).Output, StringComparison.Ordinal);
        Assert.Equal("shown_values", Hmbpf.Run("map", "dump", "name", "shown_values", "--json").Json.GetProperty("name").GetString());
        Assert.Equal("RawTracepoint", Hmbpf.Run("link", "show", "id", link, "--json").Json.GetProperty("type").GetString());
        Assert.Contains("/no/such/pin", Hmbpf.Run("map", "show", "pinned", "/no/such/pin").Error, StringComparison.Ordinal);
        Assert.Contains("There is no program", Hmbpf.Run("prog", "show", "id").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_is_disassembled_by_its_name_and_by_its_pin()
    {
        Shown shown = Live();
        Hmbpf.Outcome named = Hmbpf.Run("disasm", "shown_program");
        if (named.ExitCode == 0)
        {
            Assert.Contains("shown_program:", named.Output, StringComparison.Ordinal);
        }
        else
        {
            // Another run of these tests has loaded it too.
            Assert.Contains("have the name shown_program. Use one of the IDs ", named.Error, StringComparison.Ordinal);
            Assert.Contains($"{shown.Programs.ShownProgram.Id}", named.Error, StringComparison.Ordinal);
        }

        string folder = Directory.CreateTempSubdirectory("hmbpf-pins").FullName;
        Mount("mount", "-t", "bpf", "bpf", folder);
        try
        {
            string pin = Path.Combine(folder, "shown");
            shown.Programs.ShownProgram.Pin(pin);
            Assert.Contains("shown_program:", Hmbpf.Run("disasm", pin).Output, StringComparison.Ordinal);
        }
        finally
        {
            Mount("umount", folder);
            Directory.Delete(folder);
        }

        static void Mount(string command, params string[] arguments)
        {
            using var process = System.Diagnostics.Process.Start(command, arguments);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }

    [Fact]
    public void A_map_is_dumped_as_values_of_its_types()
    {
        Shown shown = Live();
        var value = new Shown.ShownValue();
        Span<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<Shown.ShownValue>(ref value));
        "first"u8.CopyTo(bytes);
        BitConverter.TryWriteBytes(bytes[8..], -5);
        BitConverter.TryWriteBytes(bytes[12..], 1);
        bytes[16] = 0b10110_101;
        BitConverter.TryWriteBytes(bytes[24..], 255ul);
        BitConverter.TryWriteBytes(bytes[32..], (ushort)10);
        BitConverter.TryWriteBytes(bytes[34..], (ushort)20);
        bytes[36] = 1;
        value.Minus = -1;
        value.Plus = 15;
        shown.Maps.ShownValues[3] = value;
        string id = shown.Maps.ShownValues.Id.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(
            "3: {name = \"first\", signed_number = -5, kind = \"SHOWN_FIRST\", low = 5, high = 22, whole = 255, pointer = 0xff, list = [10, 20], flag = true, minus = -1, plus = 15}\n",
            Hmbpf.Run("map", "dump", id).Output);
        JsonElement entry = Assert.Single(Hmbpf.Run("map", "dump", id, "--json").Json.GetProperty("entries").EnumerateArray());
        Assert.Equal("first", entry.GetProperty("value").GetProperty("name").GetString());
        Assert.Equal(3, entry.GetProperty("key").GetInt32());
        Assert.Equal(-1, entry.GetProperty("value").GetProperty("minus").GetInt32());
    }

    [Fact]
    public void Control_characters_in_the_name_of_a_process_are_not_printed()
    {
        Shown shown = Live();
        var value = new Shown.ShownValue();
        Span<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<Shown.ShownValue>(ref value));
        "\e]0;x\a\""u8.CopyTo(bytes);
        shown.Maps.ShownValues[4] = value;
        "\u009b\u202e"u8.CopyTo(bytes);
        bytes[5..8].Clear();
        bytes[6] = 0xff;
        bytes[5] = (byte)'\\';
        shown.Maps.ShownValues[5] = value;
        string id = shown.Maps.ShownValues.Id.ToString(CultureInfo.InvariantCulture);

        string text = Hmbpf.Run("map", "dump", id).Output;

        Assert.Contains("4: {name = \"\\x1b]0;x\\x07\\\"\"", text, StringComparison.Ordinal);
        Assert.Contains("5: {name = \"\\x9b\\u202e\\\\\ufffd\"", text, StringComparison.Ordinal);
        Escapes.AreNone(text);
        Escapes.AreNone(Hmbpf.Run("map", "dump", id, "--json").Output);
    }

    [Fact]
    public void A_per_CPU_map_is_dumped_with_a_value_for_each_possible_CPU()
    {
        string id = Live().Maps.ShownPerCpu.Id.ToString(CultureInfo.InvariantCulture);
        JsonElement entry = Assert.Single(Hmbpf.Run("map", "dump", id, "--json").Json.GetProperty("entries").EnumerateArray());
        Assert.Equal(PossibleCpus.Current.Count, entry.GetProperty("value").GetArrayLength());
        Assert.Equal("Hash", Hmbpf.Run("map", "show", Live().Maps.ShownValues.Id.ToString(CultureInfo.InvariantCulture), "--json").Json.GetProperty("type").GetString());
    }

    [Fact]
    public void A_link_is_shown_with_what_it_is_attached_to()
    {
        string id = Live().Programs.ShownProgram.Links[0].Id!.Value.ToString(CultureInfo.InvariantCulture);
        JsonElement facts = Hmbpf.Run("link", "show", id, "--json").Json;
        Assert.Equal("RawTracepoint", facts.GetProperty("type").GetString());
        Assert.Equal("shown_program", facts.GetProperty("name").GetString());
        Assert.NotEqual(0, Hmbpf.Run("link", "dump", id, "--json").Json.GetProperty("instructions").GetArrayLength());
        Assert.Contains("exit", Hmbpf.Run("link", "dump", id).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_prints_one_of_three_states_for_each_feature()
    {
        JsonElement told = Hmbpf.Run("doctor", "--json").Json;
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), told.GetProperty("machine").GetProperty("kernel").GetString()!.Split(' ')[0]);
        JsonElement[] features = [.. told.GetProperty("features").EnumerateArray()];
        Assert.Equal(Enum.GetNames<BpfFeature>(), features.Select(static feature => feature.GetProperty("name").GetString()!));
        features = [.. new[] { "features", "programs", "maps", "links", "options" }.SelectMany(group => told.GetProperty(group).EnumerateArray())];
        Assert.All(features, static feature => Assert.Contains(feature.GetProperty("state").GetString(), new[] { "supported", "absent", "refused" }));
        Assert.All(
            features.Where(static feature => feature.GetProperty("state").GetString() != "supported"), static feature => Assert.NotEqual("", feature.GetProperty("reason").GetString()));
    }

    [Fact]
    public void Doctor_ends_with_a_verdict()
    {
        Hmbpf.NeedsRoot();
        string[] lines = Hmbpf.Run("doctor").Lines;
        JsonElement told = Hmbpf.Run("doctor", "--json").Json;
        JsonElement verdict = told.GetProperty("verdict");
        Assert.Equal(string.Join("; ", verdict.EnumerateObject().Select(static hook => $"{hook.Name}: {hook.Value.GetString()}")), lines[^1]);
        Assert.All(verdict.EnumerateObject(), static hook => Assert.Matches("^(yes|no|no \\(.+\\)|refused by .+)$", hook.Value.GetString()));

        // This class has a program on a tp_btf loaded and attached.
        Assert.Equal("yes", verdict.GetProperty("tracing (tp_btf)").GetString());
        foreach ((string hook, string type) in new[] { ("XDP", "Xdp"), ("LSM", "Lsm"), ("TC", "SchedCls") })
        {
            string state = told.GetProperty("programs").EnumerateArray().Single(program => program.GetProperty("name").GetString() == type).GetProperty("state").GetString()!;
            string answer = verdict.GetProperty(hook).GetString()!;
            Assert.True(state switch { "refused" => answer.StartsWith("refused by ", StringComparison.Ordinal), "absent" => answer.StartsWith("no", StringComparison.Ordinal), _ => answer[0] is 'y' or 'n' }, $"{hook}: {state}, {answer}");
        }

        Assert.Equal(Directory.Exists("/sys/bus/event_source/devices/kprobe"), verdict.GetProperty("kprobes").GetString() == "yes");
    }

    [Fact]
    public void Every_result_with_the_option_json_is_JSON()
    {
        Hmbpf.NeedsRoot();
        foreach (string[] command in new string[][]
        {
            ["inspect", ShownObject.File], ["verify", ShownObject.File], ["relocate", ShownObject.File], ["load", ShownObject.File], ["disasm", ShownObject.File],
            ["btf", "dump", ShownObject.File], ["doctor"], ["prog", "list"], ["map", "list"], ["link", "list"], ["btf", "list"],
        })
        {
            Hmbpf.Outcome outcome = Hmbpf.Run([.. command, "--json"]);
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            Assert.Equal(JsonValueKind.Object, outcome.Json.ValueKind);
        }
    }

    private Shown Live()
    {
        Hmbpf.NeedsRoot();
        return _shown!;
    }
}
