using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Compilation.Caching;

namespace Hypermesh.Bpf.Tests.Tool.Compilation;

/// <summary>C compiled at run time by the machine's clang, in the sandbox of the command.</summary>
public sealed class CompilerTests : IDisposable
{
    private const string Program = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        #include <hypermesh/parameter.h>
        const volatile int limit HM_PARAMETER(1, 9, "The limit") = 3;
        SEC("raw_tp/sys_enter") int run(void *ctx) { return limit; }
        char LICENSE[] SEC("license") = "GPL";
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-compiler-").FullName;

    private BpfCompilerOptions Options => new() { CacheFolder = Path.Combine(_folder, "cache"), Launcher = [Hmbpf.Dotnet, Hmbpf.Command] };

    public void Dispose()
    {
        // The cache is written in the background.
        Aftermath.Wait();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Text_becomes_an_object_with_its_parameters()
    {
        BpfCompiledObject compiled = new BpfCompiler(Options).Compile(BpfSource.FromText(Program, "one.bpf.c"), TestContext.Current.CancellationToken);

        Assert.Equal("one", compiled.Name);
        Assert.Empty(compiled.Diagnostics);
        BpfParameter parameter = Assert.Single(BpfParameter.Of(compiled.ReadSpec()));
        Assert.Equal(("limit", "int", 1, 9, "3", "The limit"), (parameter.Name, parameter.TypeName, parameter.Least, parameter.Most, parameter.Default, parameter.Description));
    }

    [Fact]
    public void An_error_has_file_line_column_and_code_and_a_remedy()
    {
        string path = Path.Combine(_folder, "wrong.bpf.c");
        File.WriteAllText(path, Program.Replace("return limit;", "return limt;", StringComparison.Ordinal));

        BpfCompilationException failure = Assert.Throws<BpfCompilationException>(() => new BpfCompiler(Options).Compile(BpfSource.FromFile(path), TestContext.Current.CancellationToken));

        BpfDiagnostic error = Assert.Single(failure.Diagnostics);
        Assert.Equal((true, "HMBPF1001", path, 5, 53), (error.IsError, error.Code, error.File, error.Line, error.Column));
        Assert.Contains("'limt'", error.Text, StringComparison.Ordinal);
        Assert.Equal($"{path}(5,53): error HMBPF1001: {error.Text}", failure.Message);
        Assert.Equal(BpfCompilationLimit.None, failure.Limit);
    }

    [Fact]
    public void A_warning_does_not_stop_it()
    {
        BpfCompiledObject compiled = new BpfCompiler(Options).Compile(BpfSource.FromText(Program.Replace("{ return", "{ int unused; return", StringComparison.Ordinal)), TestContext.Current.CancellationToken);

        BpfDiagnostic warning = Assert.Single(compiled.Diagnostics);
        Assert.Equal((false, "HMBPF1002", "program.bpf.c", 5), (warning.IsError, warning.Code, warning.File, warning.Line));
    }

    [Fact]
    public void An_object_comes_from_the_cache_until_text_header_or_options_change()
    {
        string path = Path.Combine(_folder, "cached.bpf.c");
        string header = Path.Combine(_folder, "cached.h");
        string searched = Directory.CreateDirectory(Path.Combine(_folder, "include")).FullName;
        File.SetUnixFileMode(_folder, File.GetUnixFileMode(_folder) | UnixFileMode.OtherExecute);
        File.WriteAllText(Path.Combine(searched, "searched.h"), "#define SEARCHED 1\n");
        File.WriteAllText(header, "#define BESIDE 1\n");
        File.WriteAllText(path, "#include \"cached.h\"\n#include <searched.h>\n" + Program.Replace("return limit", "return limit + BESIDE + SEARCHED", StringComparison.Ordinal));
        var compiler = new BpfCompiler(Options with { IncludeFolders = [searched] });

        BpfCompiledObject first = Compile();
        BpfCompiledObject second = Compile();
        Assert.Equal((false, true), (first.IsFromCache, second.IsFromCache));
        Assert.Equal(first.Image.ToArray(), second.Image.ToArray());

        File.WriteAllText(header, "#define BESIDE 2\n");
        Assert.False(Compile().IsFromCache);
        File.WriteAllText(Path.Combine(searched, "searched.h"), "#define SEARCHED 2\n");
        Assert.False(Compile().IsFromCache);
        File.AppendAllText(path, "\n");
        Assert.False(Compile().IsFromCache);
        Assert.True(Compile().IsFromCache);

        // A damaged entry is not used.
        foreach (string entry in Directory.GetFiles(Options.CacheFolder!, "*.entry"))
        {
            using FileStream file = File.OpenWrite(entry);
            file.Seek(-1, SeekOrigin.End);
            file.WriteByte(0x55);
        }

        Assert.False(Compile().IsFromCache);

        BpfCompiledObject Compile() => compiler.Compile(BpfSource.FromFile(path), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_cache_that_others_can_write_to_is_not_used()
    {
        Directory.CreateDirectory(Options.CacheFolder!);
        File.SetUnixFileMode(Options.CacheFolder!, (UnixFileMode)0x1ff);

        Assert.False(new BpfCompiler(Options).Compile(BpfSource.FromText(Program), TestContext.Current.CancellationToken).IsFromCache);
        Assert.Empty(Directory.GetFileSystemEntries(Options.CacheFolder!));
    }

    [Fact]
    public void The_cache_is_private()
    {
        new BpfCompiler(Options).Compile(BpfSource.FromText(Program), TestContext.Current.CancellationToken);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Options.CacheFolder!));
    }

    [Fact]
    public void An_application_that_is_not_the_launcher_is_told_what_to_call()
    {
        BpfException refusal = Assert.Throws<BpfException>(() => new BpfCompiler(Options with { Launcher = null }).Compile(BpfSource.FromText(Program), TestContext.Current.CancellationToken));

        Assert.Contains("BpfSandbox.RunLauncher(args)", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("IsTrusted", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_headers_are_those_of_the_package()
    {
        string[] shipped = [.. Directory.GetFiles(Path.Combine(Hmbpf.SourceDirectory, "../../msbuild/Hypermesh.BpfSdk/include/hypermesh"), "*.h").Select(static path => "hypermesh/" + Path.GetFileName(path)).Order(StringComparer.Ordinal)];

        Assert.Equal(shipped, Hypermesh.Bpf.Compilation.Compiling.SdkHeaders.All.Select(static header => header.Name));
    }
}
