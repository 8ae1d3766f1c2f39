using System.Diagnostics;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Btf.CSource;

/// <summary>The compiler on this machine, as a judge of C.</summary>
internal static class Clang
{
    private static readonly string? s_path = Find();

    /// <summary>Compiles for eBPF, warnings as errors, with no flag a program would not have; fails the test with what the compiler says.</summary>
    internal static void Compile(string c, string standard = "gnu17") => Compile(c, standard, "/dev/null");

    /// <summary>The same, and the types of the object that comes of it.</summary>
    internal static BtfTypes CompiledTypes(string c, string standard = "gnu17")
    {
        string file = Path.GetTempFileName();
        try
        {
            Compile(c, standard, file);
            return BtfTypes.ReadFile(File.ReadAllBytes(file), "compiled");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Compile(string c, string standard, string output)
    {
        Assert.SkipWhen(s_path is null, "no clang on this machine");
        var start = new ProcessStartInfo(s_path, ["-target", "bpf", "-std=" + standard, "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-x", "c", "-c", "-o", output, "-"])
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
