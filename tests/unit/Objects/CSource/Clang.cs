using System.Diagnostics;

namespace Hypermesh.Bpf.Tests.Unit.Objects.CSource;

/// <summary>The compiler on this machine, as a judge of C.</summary>
internal static class Clang
{
    private static readonly string? s_path = Find();

    /// <summary>Compiles for eBPF, all warnings that matter on; fails the test with what the compiler says.</summary>
    internal static void Compile(string c, string standard = "gnu17")
    {
        Assert.SkipWhen(s_path is null, "no clang on this machine");
        var start = new ProcessStartInfo(s_path, ["-target", "bpf", "-std=" + standard, "-O1", "-g", "-Werror", "-Wno-missing-declarations", "-Wno-microsoft-anon-tag", "-x", "c", "-c", "-o", "/dev/null", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process clang = Process.Start(start)!;
        Task<string> said = clang.StandardError.ReadToEndAsync();
        clang.StandardInput.Write(c);
        clang.StandardInput.Close();
        clang.WaitForExit();
        Assert.True(clang.ExitCode == 0, said.GetAwaiter().GetResult());
    }

    // The one a run is for, else the newest.
    private static string? Find()
        => Environment.GetEnvironmentVariable("HYPERMESH_BPF_CLANG") is { Length: > 0 } named ? named : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .SelectMany(static folder => Enumerable.Range(16, 20).Select(number => $"clang-{number}").Append("clang").Select(name => Path.Combine(folder, name)))
            .LastOrDefault(File.Exists);
}
