using System.Diagnostics;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary><c>hmbpf run --pin</c> and <c>hmbpf pin</c>, in a mount namespace with a BPF file system of its own.</summary>
public sealed class PinTests : IDisposable
{
    private const string Folder = "/sys/fs/bpf/agents/pinned";

    private const string Source = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        #include <hypermesh/reload.h>

        struct {
            __uint(type, BPF_MAP_TYPE_ARRAY);
            __uint(max_entries, 1);
            __type(key, __u32);
            __type(value, struct counts);
        } counted SEC(".maps");

        SEC("raw_tp/sys_enter")
        int pinned_on_enter(__u64 *ctx)
        {
            __u32 zero = 0;
            struct counts *counts = bpf_map_lookup_elem(&counted, &zero);

            if (counts && ctx[1] == 500)
                __atomic_fetch_add(&counts->calls, 1, __ATOMIC_RELAXED);
            return 0;
        }

        char LICENSE[] SEC("license") = "Dual BSD/GPL";
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-pin-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_run_leaves_is_listed_continued_by_another_version_and_removed()
    {
        Hmbpf.NeedsRoot();
        Directory.CreateDirectory($"{_folder}/next");
        File.WriteAllText($"{_folder}/pinned.bpf.c", Source.Replace("struct {", "struct counts { __u64 calls HM_SUM; };\n\nstruct {", StringComparison.Ordinal));
        File.WriteAllText($"{_folder}/next/pinned.bpf.c", Source.Replace("struct {", "struct counts { __u64 more HM_SUM; __u64 calls HM_SUM; };\n\nstruct {", StringComparison.Ordinal));
        string[] outputs = InNamespace(
            $"run pinned.bpf.c --pin {Folder} --seconds 1 --json; call",
            "pin list --json",
            $"pin adopt {Folder} next/pinned.bpf.c --json; call",
            $"pin list {Folder} --json",
            $"run next/pinned.bpf.c --pin {Folder} --seconds 1 --json",
            $"run pinned.bpf.c --pin {Folder} --seconds 1 --json",
            $"pin clean {Folder} --json",
            "pin list --json",
            $"run pinned.bpf.c --pin {Folder} --seconds 1 --json > /dev/null; hmbpf pin clean /sys/fs/bpf 2>&1 || hmbpf pin clean {Folder}");

        JsonElement one = Assert.Single(Parse(outputs[1]).GetProperty("folders").EnumerateArray());
        Assert.Equal((Folder, "pinned", 1, true), (one.GetProperty("folder").GetString(), one.GetProperty("object").GetString(), one.GetProperty("generation").GetInt32(), one.GetProperty("complete").GetBoolean()));
        Assert.Equal((1, true), (Parse(outputs[2]).GetProperty("attached").GetInt32(), Parse(outputs[2]).GetProperty("adopted").GetBoolean()));
        Assert.Equal(
            ["dispatcher current", "link current", "map current", "map earlier", "misses current", "program current", "slot current"],
            Parse(outputs[3]).GetProperty("pins").EnumerateArray().Select(static pin => $"{pin.GetProperty("kind").GetString()} {pin.GetProperty("state").GetString()}").Order(StringComparer.Ordinal));

        // Two calls were made while no process had it.
        Assert.Equal([0L, 2L, 2L], ((int[])[0, 4, 5]).Select(index => Parse(outputs[index]).GetProperty("maps").GetProperty("counted")[0].GetProperty("value").GetProperty("calls").GetInt64()));
        Assert.True(Parse(outputs[6]).GetProperty("removed").GetInt32() > 6);
        Assert.Empty(Parse(outputs[7]).GetProperty("folders").EnumerateArray());
        Assert.Contains($"no agent has left anything in /sys/fs/bpf; there is {Folder}.", outputs[8], StringComparison.Ordinal);
        Assert.Contains($"pins of {Folder} removed", outputs[8], StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_and_one_with_another_object_are_told()
    {
        Hmbpf.NeedsRoot();
        foreach (string command in (string[])["list", "clean"])
        {
            Hmbpf.Outcome none = Hmbpf.Run("pin", command, "/sys/fs/bpf/hypermesh-none");
            Assert.Equal((1, "hmbpf: there is no folder /sys/fs/bpf/hypermesh-none.\n"), (none.ExitCode, none.Error));
        }

        Hmbpf.Outcome outside = Hmbpf.Run("pin", "clean", _folder);
        Assert.Equal(1, outside.ExitCode);
        Assert.Contains("is not in a BPF file system", outside.Error, StringComparison.Ordinal);
    }

    private static JsonElement Parse(string output) => JsonDocument.Parse(output).RootElement;

    // Each command's output, by a line between two. "call" makes a system call that no other program makes.
    private string[] InNamespace(params string[] commands)
    {
        const string Between = "--------";
        string script = $$"""
            set -e
            mount -t bpf bpf /sys/fs/bpf
            call() { perl -e 'syscall(500)'; }
            hmbpf() { {{Hmbpf.Dotnet}} {{Hmbpf.Command}} "$@"; }
            {{string.Join($"\necho {Between}\n", commands.Select(static command => "hmbpf " + command))}}
            """;
        using var process = Process.Start(new ProcessStartInfo("unshare", ["-m", "/bin/sh", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + errors.GetAwaiter().GetResult());
        return output.Split(Between);
    }
}
