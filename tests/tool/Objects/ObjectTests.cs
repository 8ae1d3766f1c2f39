using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Objects;

/// <summary>Objects as files: relocated, verified, loaded and inspected.</summary>
public sealed class ObjectTests
{
    [Fact]
    public void Relocated_instructions_are_those_of_libbpf()
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("relocate", Hmbpf.TestData("core.bpf.o"), "--btf", Hmbpf.TestData("core-target.bpf.o"));
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Dictionary<string, string[]> ours = outcome.Lines.Select(static line => line.Split(' ')).ToDictionary(static words => words[1]);
        int compared = 0;
        foreach (string[] words in File.ReadLines(Hmbpf.TestData("core.libbpf.txt")).Select(static line => line.Split(' ')))
        {
            Assert.Equal("core.bpf.o", ours[words[0]][0]);
            string hex = ours[words[0]][3];
            Assert.Equal(int.Parse(ours[words[0]][2], System.Globalization.CultureInfo.InvariantCulture) * 16, hex.Length);
            foreach (string[] place in words[1..].Where(static word => word.Contains(':', StringComparison.Ordinal)).Select(static word => word.Split(':')))
            {
                // The target of a call is printed as zero.
                string theirs = place[1].StartsWith("85", StringComparison.Ordinal) ? place[1][..8] + "00000000" : place[1];
                Assert.Equal(theirs, hex.Substring(int.Parse(place[0], System.Globalization.CultureInfo.InvariantCulture) * 16, 16));
                compared++;
            }
        }

        Assert.True(compared > 80, $"{compared} instructions compared");
    }

    [Fact]
    public void References_to_maps_are_zero_and_offsets_into_globals_are_kept()
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("relocate", Hmbpf.TestData("small.bpf.o"), "--btf", Hmbpf.TestData("core-target.bpf.o"), "--json");
        JsonElement second = outcome.Json.GetProperty("programs").EnumerateArray().Single(static program => program.GetProperty("program").GetString() == "second");
        string hex = second.GetProperty("hex").GetString()!;
        int instructions = second.GetProperty("instructions").GetInt32();
        string[] code = [.. Enumerable.Range(0, instructions).Select(i => hex.Substring(i * 16, 16))];
        Assert.Contains(code, static instruction => instruction == "8510000000000000");
        Assert.All(code.Where(static instruction => instruction.StartsWith("18", StringComparison.Ordinal)), static instruction => Assert.EndsWith("00000000", instruction, StringComparison.Ordinal));
        Assert.Contains(code, static instruction => instruction.StartsWith("1821", StringComparison.Ordinal) || instruction.StartsWith("1811", StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_prints_four_words_a_program_and_a_last_line()
    {
        Hmbpf.NeedsRoot();
        Hmbpf.Outcome outcome = Hmbpf.Run("verify", Hmbpf.TestData("small.bpf.o"));
        Assert.Equal(3, outcome.Lines.Length);
        Assert.StartsWith("small.bpf.o first socket ", outcome.Lines[0], StringComparison.Ordinal);
        Assert.Equal("small.bpf.o second raw_tp/sched_switch OK", outcome.Lines[1]);
        Assert.Matches("^programs loaded [12] of 2$", outcome.Lines[2]);
        Assert.Equal(outcome.Lines[2].Contains("2 of 2", StringComparison.Ordinal) ? 0 : 1, outcome.ExitCode);
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("load")]
    public void The_verifiers_log_is_printed_when_it_is_asked_for(string command)
    {
        Hmbpf.NeedsRoot();

        string without = Hmbpf.Run(command, ShownObject.Unloadable).Error;
        string with = Hmbpf.Run(command, ShownObject.Unloadable, "--log").Error;

        Assert.DoesNotContain("processed ", without, StringComparison.Ordinal);
        Assert.Contains("The verifier rejected program unchecked of unloadable", with, StringComparison.Ordinal);
        Assert.Contains("\nR0 invalid mem access 'map_value_or_null'\n", with, StringComparison.Ordinal);
        Assert.Contains("processed ", with, StringComparison.Ordinal);
        Assert.DoesNotContain("exception", with, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("load")]
    public void An_object_that_the_library_would_reject_is_reported(string command)
    {
        Hmbpf.NeedsRoot();

        string error = Hmbpf.Run(command, ShownObject.Unloadable).Error;

        Assert.Contains("unloadable.bpf.o: map unsized states no max_entries", error, StringComparison.Ordinal);
        Assert.Contains("__uint(max_entries, 1024);", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_prints_the_first_round_and_the_others_apart_and_where_the_time_went()
    {
        Hmbpf.NeedsRoot();
        JsonElement timing = Hmbpf.Run("load", ShownObject.File, "--repeat", "3", "--json").Json;
        Assert.Equal(3, timing.GetProperty("rounds").GetInt32());
        foreach (string round in new[] { "first", "later" })
        {
            JsonElement parts = timing.GetProperty(round);
            double sum = parts.GetProperty("kernelBtfMs").GetDouble() + parts.GetProperty("ownMs").GetDouble() + parts.GetProperty("kernelMs").GetDouble();
            Assert.Equal(parts.GetProperty("ms").GetDouble(), sum, 0.01);
        }

        Assert.True(timing.GetProperty("first").GetProperty("kernelBtfMs").GetDouble() > 0);
        Assert.Equal(0, timing.GetProperty("later").GetProperty("kernelBtfMs").GetDouble());
    }

    [Fact]
    public void Inspect_prints_what_an_object_contains_and_needs()
    {
        JsonElement told = Hmbpf.Run("inspect", ShownObject.File, "--json").Json;
        Assert.Contains("shown_program", told.GetProperty("programs").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("struct shown_value", told.GetProperty("maps").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("shown_count", told.GetProperty("globals").GetRawText(), StringComparison.Ordinal);
        JsonElement needs = told.GetProperty("needs");
        Assert.Equal("5.5 (for programs of type Tracing)", needs.GetProperty("kernel").GetString());
        Assert.Equal("CAP_BPF, CAP_PERFMON", needs.GetProperty("capabilities").GetString());
        Assert.Equal("bpf_map_lookup_elem", Assert.Single(needs.GetProperty("helpers").EnumerateArray()).GetString());
    }

    [Fact]
    public void Inspect_has_the_jump_tables_and_the_kernel_they_need()
    {
        JsonElement told = Hmbpf.Run("inspect", Hmbpf.TestData("jumps.bpf.o"), "--json").Json;

        Assert.Equal(
            ["BPF.JT.0.0 16", "BPF.JT.1.0 16", "BPF.JT.2.0 3"],
            told.GetProperty("jumpTables").EnumerateArray().Select(static table => $"{table.GetProperty("name")} {table.GetProperty("entries")}"));
        Assert.Equal("6.19 (for jump tables)", told.GetProperty("needs").GetProperty("kernel").GetString());
    }

    [Theory]
    [InlineData()]
    [InlineData("--reasons")]
    public void A_program_is_not_rejected_for_what_it_shares_with_another(params string[] options)
    {
        Hmbpf.NeedsRoot();
        Hmbpf.Outcome outcome = Hmbpf.Run(["verify", .. options, ShownObject.Rivals]);

        Assert.Equal(
            ["rivals.bpf.o rival_first xdp OK", "rivals.bpf.o rival_unchecked xdp EACCES", "rivals.bpf.o rival_second socket OK", "programs loaded 2 of 3"], outcome.Lines);
        Assert.Equal(options.Length, outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(options.Length > 0, outcome.Error.Contains("rivals.bpf.c:32", StringComparison.Ordinal));
    }
}
