using System.Globalization;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Listing;

/// <summary>The names of the calls in a loaded program, which the kernel has rewritten at the load.</summary>
public sealed class CallTests
{
    [Fact]
    public void Calls_of_helpers_own_functions_and_kernel_functions_are_named()
    {
        Hmbpf.NeedsRoot();
        using Calls calls = Calls.Open().Load();
        string id = calls.Programs.CallsProgram.Id.ToString(CultureInfo.InvariantCulture);

        foreach (string[] command in new string[][] { ["prog", "dump", id], ["disasm", id] })
        {
            Hmbpf.Outcome outcome = Hmbpf.Run([.. command, "--json"]);
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            string[] called = [.. outcome.Json.GetProperty("instructions").EnumerateArray().Select(static i => i.GetProperty("text").GetString()!).Where(static text => text.StartsWith("call ", StringComparison.Ordinal))];

            Assert.Contains("call bpf_rcu_read_lock", called);
            Assert.Contains("call bpf_rcu_read_unlock", called);
            Assert.Equal(2, called.Count(static text => text.StartsWith("call calls_own (pc", StringComparison.Ordinal)));
            Assert.Single(called, static text => text.StartsWith("call calls_second (pc", StringComparison.Ordinal));
            Assert.Equal(2, called.Count(static text => text == "call bpf_get_current_comm"));
            Assert.DoesNotContain(called, static text => text.Contains("unknown", StringComparison.Ordinal) || text.Contains("__bpf_call_base", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Calls_lead_to_the_function_they_name()
    {
        Hmbpf.NeedsRoot();
        using Calls calls = Calls.Open().Load();
        JsonElement[] code = [.. Hmbpf.Run("prog", "dump", $"{calls.Programs.CallsProgram.Id}", "--json").Json.GetProperty("instructions").EnumerateArray()];
        int found = 0;
        foreach (JsonElement call in code.Where(static i => i.GetProperty("text").GetString()!.Contains("(pc", StringComparison.Ordinal)))
        {
            string[] words = call.GetProperty("text").GetString()!.Split(' ');
            int target = call.GetProperty("index").GetInt32() + 1 + int.Parse(words[2][3..^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            Assert.Equal(words[1], code.Single(i => i.GetProperty("index").GetInt32() == target).GetProperty("function").GetString());
            found++;
        }

        Assert.Equal(3, found);
    }
}
