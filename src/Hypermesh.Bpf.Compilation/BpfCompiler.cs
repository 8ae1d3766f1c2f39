using System.ComponentModel;
using Hypermesh.Bpf.Clang.Finding;
using Hypermesh.Bpf.Compilation.Caching;
using Hypermesh.Bpf.Compilation.Compiling;
using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation;

/// <summary>
/// Compiles eBPF C at run time with the machine's clang (16 or newer), in a sandbox (<see cref="BpfSandbox"/>), and keeps objects in a cache by their content. The headers
/// <c>hypermesh/*.h</c> are always found; those of libbpf and of the kernel are the machine's.
/// </summary>
public sealed class BpfCompiler
{
    private const string Install = "Install one (Debian, Ubuntu: apt install clang libbpf-dev; Fedora: dnf install clang libbpf-devel; Alpine: apk add clang libbpf-dev; Arch: pacman -S clang libbpf), or set HYPERMESH_BPF_CLANG. A template or a compiled object needs none.";
    private const int KilledByCpuTime = 128 + 24;
    private const int KilledByFileSize = 128 + 25;

    private static readonly (BpfCompilationLimit Limit, int ExitCode, string Text)[] s_limits =
    [
        (BpfCompilationLimit.CpuTime, KilledByCpuTime, "CPU time limit exceeded"),
        (BpfCompilationLimit.FileSize, KilledByFileSize, "File too large"),
        (BpfCompilationLimit.FileSize, KilledByFileSize, "File size limit exceeded"),
        (BpfCompilationLimit.AddressSpace, int.MinValue, "out of memory"),
        (BpfCompilationLimit.AddressSpace, int.MinValue, "Cannot allocate memory"),
        (BpfCompilationLimit.AddressSpace, int.MinValue, "bad_alloc"),
    ];

    private readonly BpfCompilerOptions _options;

    /// <summary>Creates a compiler. Nothing is started until the first compilation.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    public BpfCompiler(BpfCompilerOptions? options = null) => _options = options ?? new BpfCompilerOptions();

    /// <summary>
    /// Compiles C, or takes the object from the cache if the text, the headers that it uses, the options and clang are unchanged. Blocks for the time of the compilation; several threads may
    /// compile at the same time.
    /// </summary>
    /// <param name="source">The C.</param>
    /// <param name="cancellation">Ends clang.</param>
    /// <returns>The object.</returns>
    /// <exception cref="BpfCompilationException">The C has errors, reached a limit of the sandbox, or there is no clang; the message says which.</exception>
    /// <exception cref="BpfException">The sandbox cannot be set up here; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">The compilation was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public BpfCompiledObject Compile(BpfSource source, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException($"{source.Path} can only be compiled at run time on Linux; the build compiles it anywhere.");
        }

        string? folder = CacheFolder.Open(_options.CacheFolder);
        var job = new ClangJob(source, _options, Clang(source, new KnownClangs(folder), cancellation));
        var cache = new ObjectCache(folder);
        Aftermath.Wait();
        byte[] key = job.Key();
        string name = source.Name.Split('.')[0];
        return cache.Find(key) is { } kept ? new BpfCompiledObject(name, kept, [], isFromCache: true) : Compile(source, job, cache, key, name, cancellation);
    }

    private BpfCompiledObject Compile(BpfSource source, ClangJob job, ObjectCache cache, byte[] key, string name, CancellationToken cancellation)
    {
        bool dropsUser = !_options.IsTrusted && SandboxCalls.UserId() == 0;
        PrivateFolder? folder = null;
        try
        {
            DateTime began = DateTime.UtcNow;
            folder = PrivateFolder.Create(dropsUser);
            job.Prepare(folder);
            BoundedResult result = job.Run(folder, dropsUser, cancellation);
            if (result.ExitCode == SandboxLauncher.NotStarted && result.Error.StartsWith(SandboxLauncher.Mark, StringComparison.Ordinal))
            {
                throw new BpfException($"{source.Path} was not compiled, because the sandbox could not be set up: {result.Error[SandboxLauncher.Mark.Length..].Trim()}.", source.Path, null);
            }

            IReadOnlyList<BpfDiagnostic> diagnostics = new CompilerOutput(source, folder, job.HeaderFolders).Read(result.Error);
            if (result.IsOverTime || result.ExitCode != 0)
            {
                throw Failure(source, result, diagnostics);
            }

            byte[] image = job.Object(folder) ?? throw new BpfCompilationException($"{source.Path} was not compiled: clang ended without an error and wrote no object.", source.Path, diagnostics);
            PrivateFolder finished = folder;
            folder = null;
            Aftermath.Do(() =>
            {
                using (finished)
                {
                    if (job.Headers(finished) is { } headers)
                    {
                        cache.Keep(key, headers, began, image);
                    }
                }
            });
            return new BpfCompiledObject(name, image, diagnostics, isFromCache: false);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw new BpfException($"{source.Path} was not compiled: {reason.Message}", source.Path, null, reason);
        }
        finally
        {
            folder?.Dispose();
        }
    }

    private BpfCompilationException Failure(BpfSource source, BoundedResult result, IReadOnlyList<BpfDiagnostic> diagnostics)
    {
        BpfCompilationLimit limit = result.IsOverTime ? BpfCompilationLimit.WallClock
            : s_limits.FirstOrDefault(one => one.ExitCode == result.ExitCode || result.Error.Contains(one.Text, StringComparison.OrdinalIgnoreCase)).Limit;
        if (limit != BpfCompilationLimit.None)
        {
            return new BpfCompilationException($"{source.Path} was not compiled: clang reached {_options.Limits.Describe(limit)}.", source.Path, diagnostics, limit);
        }

        BpfDiagnostic[] errors = [.. diagnostics.Where(static one => one.IsError)];
        string first = errors.Length == 0 ? $"{source.Path} was not compiled: clang ended with exit code {result.ExitCode} and reported no error." : errors[0].ToString();
        return new BpfCompilationException(first, source.Path, diagnostics);
    }

    private ClangInstallation Clang(BpfSource source, KnownClangs known, CancellationToken cancellation)
    {
        IEnumerable<ClangCandidate> candidates = ClangCandidate.All(_options.ClangPath, Variable("HYPERMESH_BPF_CLANG"), Variable("PATH"), Environment.CurrentDirectory);
        var search = ClangSearch.Run(candidates, path => known.Get(path, cancellation));
        return search.Found ?? throw new BpfCompilationException(
            search.PassedOver.Count == 0
                ? $"{source.Path} cannot be compiled: there is no clang. {Install}"
                : $"{source.Path} cannot be compiled: there is no clang that can be used ({search.Others}). {Install}",
            source.Path,
            []);

        static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";
    }
}
