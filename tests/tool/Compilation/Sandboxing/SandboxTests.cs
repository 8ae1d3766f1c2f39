using System.Diagnostics;
using System.Text;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Compilation.Caching;
using Hypermesh.Bpf.Compilation.Sandboxing;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Tool.Compilation.Sandboxing;

/// <summary>
/// C that reads files, or never ends: the compiler is root's, a file that only root can read holds a canary, and neither an object nor a message has it. Where a limit is reached, the message
/// names it. The limits are smaller than the product's, so that the tests are short; all of it runs with the product's own in a full run.
/// </summary>
public sealed class SandboxTests : IDisposable
{
    private const string Canary = "CANARY-9f3e2b";

    private const string Program = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        SEC("raw_tp/sys_enter") int run(void *ctx) { return 0; }
        char LICENSE[] SEC("license") = "GPL";

        """;

    private static readonly SandboxLimits s_small = new() { CpuTime = TimeSpan.FromSeconds(1), WallClock = TimeSpan.FromSeconds(10), AddressSpace = 640 << 20 };

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-sandbox-").FullName;
    private readonly string _canary;

    public SandboxTests()
    {
        File.SetUnixFileMode(_folder, File.GetUnixFileMode(_folder) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        _canary = Path.Combine(_folder, "canary");
        File.WriteAllText(_canary, Canary + ":1:2\n");
        File.SetUnixFileMode(_canary, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);

        // It is removed in the background.
        Aftermath.Wait();
        Assert.DoesNotContain(
            Directory.GetDirectories(Path.GetTempPath(), "hypermesh-????????????????????????????????"),
            static path => Directory.GetCreationTimeUtc(path) > Process.GetCurrentProcess().StartTime.ToUniversalTime() && File.Exists(Path.Combine(path, "hostile.bpf.c")));
    }

    [Theory]
    [InlineData("#include \"{canary}\"\n")]
    [InlineData("#include \"{folder}/linked.h\"\n")]
    [InlineData("#include \"linked.h\"\n")]
    [InlineData("char text[] = {\n#embed \"{canary}\"\n};\n")]
    [InlineData("asm(\".incbin \\\"{canary}\\\"\");\n")]
    [InlineData("asm(\".include \\\"{canary}\\\"\");\n")]
    [InlineData("#pragma clang system_header\n#include_next \"{canary}\"\n")]
    public void A_file_of_another_user_is_in_neither_object_nor_message(string text)
    {
        Hmbpf.NeedsRoot();
        File.CreateSymbolicLink(Path.Combine(_folder, "linked.h"), _canary);
        string path = Write(Program + text);

        (byte[] image, string messages) = Try(path, []);

        Assert.Equal(-1, image.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)));
        Assert.DoesNotContain(Canary, messages, StringComparison.Ordinal);

        // The same with the link in a folder that is searched for headers.
        (image, messages) = Try(path, [_folder]);
        Assert.Equal(-1, image.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)));
        Assert.DoesNotContain(Canary, messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_sandbox_the_canary_is_read()
    {
        // The tests above would show it.
        string path = Write(Program + $"asm(\".incbin \\\"{_canary}\\\"\");\n");

        BpfCompiledObject compiled = new BpfCompiler(new BpfCompilerOptions { CacheFolder = "", IsTrusted = true }).Compile(BpfSource.FromFile(path), TestContext.Current.CancellationToken);

        Assert.True(compiled.Image.Span.IndexOf(Encoding.UTF8.GetBytes(Canary)) > 0);
    }

    [Theory]
    [InlineData("#include \"/etc/hostname\"\n")]
    [InlineData("#include \"/proc/self/environ\"\n")]
    [InlineData("#include \"/dev/zero\"\n")]
    public void A_file_outside_the_headers_is_not_read_even_if_all_may_read_it(string text)
    {
        BpfCompilationException failure = Assert.Throws<BpfCompilationException>(() => Compile(Program + text, s_small));

        Assert.Equal(BpfCompilationLimit.None, failure.Limit);
        Assert.Contains("Permission denied", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_about_a_file_outside_is_not_shown()
    {
        string outside = Path.Combine(_folder, "outside.txt");
        File.WriteAllText(outside, Canary + "\n");
        string path = Write($"#include \"{outside}\"\n" + Program);

        // Without the sandbox clang reads it; the text is kept back all the same.
        BpfCompilationException failure = Assert.Throws<BpfCompilationException>(
            () => new BpfCompiler(new BpfCompilerOptions { CacheFolder = "", IsTrusted = true }).Compile(BpfSource.FromFile(path), TestContext.Current.CancellationToken));

        Assert.NotEmpty(failure.Diagnostics);
        Assert.DoesNotContain(Canary, failure.Message + string.Concat(failure.Diagnostics), StringComparison.Ordinal);
        Assert.Contains("its text is not shown", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_in_a_folder_of_headers_is_ended_by_the_wall_clock()
    {
        using (Process mkfifo = Process.Start("mkfifo", [Path.Combine(_folder, "pipe.h")]))
        {
            mkfifo.WaitForExit();
        }

        BpfCompilationException failure = Assert.Throws<BpfCompilationException>(() => Compile("#include \"pipe.h\"\n" + Program, s_small with { WallClock = TimeSpan.FromSeconds(1) }, _folder));

        Assert.Equal(BpfCompilationLimit.WallClock, failure.Limit);
        Assert.Contains("the limit of 1 s of time (wall clock)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preprocessor_that_never_ends_reaches_the_limit_of_CPU_time()
    {
        var text = new StringBuilder("#define M0 int x;\n");
        for (int i = 1; i <= 40; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"#define M{i} M{i - 1} M{i - 1} M{i - 1} M{i - 1}\n");
        }

        IsStopped(text.Append("M40\n").ToString(), BpfCompilationLimit.CpuTime, "RLIMIT_CPU");
    }

    [Fact]
    public void A_repetition_of_the_assembler_reaches_a_limit() => IsStopped("asm(\".rept 1000000000\\n.byte 1\\n.endr\");\n", null, "RLIMIT_");

    [Fact]
    public void A_huge_array_reaches_the_limit_of_files() => IsStopped("char huge[1 << 30] = { 1 };\n", BpfCompilationLimit.FileSize, "16 MiB for a file (RLIMIT_FSIZE)");

    [Fact]
    public void Huge_initialisers_reach_a_limit()
    {
        var text = new StringBuilder("char huge[] = {\n");
        for (int i = 1; i <= 1000; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"[{i}000000 ... {i}999999] = {i % 100},\n");
        }

        IsStopped(text.Append("};\n").ToString(), null, "RLIMIT_");
    }

    [Fact]
    public void Messages_are_bounded_and_without_control_characters()
    {
        string warnings = string.Concat(Enumerable.Range(0, 5000).Select(static i => $"#warning \u001b[31mred\u202e {i} {new string('x', 60)}\n"));

        BpfCompilationException failure = Assert.Throws<BpfCompilationException>(() => Compile(warnings + "#error end\n" + Program, s_small with { CpuTime = TimeSpan.FromSeconds(5) }));

        Assert.DoesNotContain(failure.Diagnostics, static one => one.Text.Any(static letter => char.IsControl(letter) || letter == '\u202e'));
        Assert.True(failure.Diagnostics.Sum(static one => one.Text.Length) <= 64 * 1024);
    }

    [Fact]
    public void A_cancelled_compilation_ends_clang()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        string path = Write(Program + "asm(\".rept 1000000000\\n.byte 1\\n.endr\");\n");

        Assert.Throws<OperationCanceledException>(() => new BpfCompiler(Options(new SandboxLimits(), [])).Compile(BpfSource.FromFile(path), stop.Token));
    }

    private void IsStopped(string text, BpfCompilationLimit? limit, string words)
    {
        BpfCompilationException failure = Assert.Throws<BpfCompilationException>(() => Compile(Program + text, Rounds.IsFull ? new SandboxLimits() : s_small));

        Assert.True(failure.Limit != BpfCompilationLimit.None, failure.Message);
        Assert.True(limit is null || failure.Limit == limit || failure.Limit == BpfCompilationLimit.WallClock, failure.Message);
        Assert.True(failure.Limit == BpfCompilationLimit.WallClock || failure.Message.Contains(words, StringComparison.Ordinal), failure.Message);
    }

    private BpfCompiledObject Compile(string text, SandboxLimits limits, params string[] folders)
        => new BpfCompiler(Options(limits, folders)).Compile(BpfSource.FromFile(Write(text)), TestContext.Current.CancellationToken);

    private (byte[] Image, string Messages) Try(string path, string[] folders)
    {
        try
        {
            BpfCompiledObject compiled = new BpfCompiler(Options(s_small, folders)).Compile(BpfSource.FromFile(path), TestContext.Current.CancellationToken);
            return (compiled.Image.ToArray(), string.Concat(compiled.Diagnostics));
        }
        catch (BpfCompilationException failure)
        {
            return ([], failure.Message + string.Concat(failure.Diagnostics));
        }
    }

    private static BpfCompilerOptions Options(SandboxLimits limits, string[] folders) => new() { CacheFolder = "", Limits = limits, IncludeFolders = folders, Launcher = [Hmbpf.Dotnet, Hmbpf.Command] };

    private string Write(string text)
    {
        string path = Path.Combine(_folder, "hostile.bpf.c");
        File.WriteAllText(path, text.Replace("{canary}", _canary, StringComparison.Ordinal).Replace("{folder}", _folder, StringComparison.Ordinal));
        return path;
    }
}
