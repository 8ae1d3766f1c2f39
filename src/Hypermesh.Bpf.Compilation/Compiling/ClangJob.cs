using System.ComponentModel;
using System.Diagnostics;
using System.IO.Hashing;
using System.Text;
using Hypermesh.Bpf.Clang.Arguments;
using Hypermesh.Bpf.Clang.Finding;
using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation.Compiling;

/// <summary>One compilation: what it depends on, and clang's run.</summary>
internal sealed class ClangJob
{
    private const string Format = "hypermesh-object 2";
    private const string SystemHeaders = "/usr/include";
    private const string ArgumentFile = "arguments.rsp";
    private const string DependencySuffix = ".d";
    private const string ObjectSuffix = ".o";

    // A crash of clang would write the C and a script into a folder for temporary files.
    private static readonly string[] s_more = ["-fno-crash-diagnostics", "-Wno-unused-command-line-argument"];

    private readonly BpfSource _source;
    private readonly BpfCompilerOptions _options;
    private readonly ClangInstallation _clang;
    private readonly string[] _includes;

    internal ClangJob(BpfSource source, BpfCompilerOptions options, ClangInstallation clang)
    {
        _source = source;
        _options = options;
        _clang = clang;
        _includes = [.. options.IncludeFolders.Select(Path.GetFullPath)];
    }

    /// <summary>The folders of headers that clang may read, beside its private folder.</summary>
    internal IReadOnlyList<string> HeaderFolders => [.. _includes.Concat(_clang.SystemIncludes).Append(SystemHeaders).Append(_clang.ResourceDirectory).Where(static folder => folder.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>The key of the cache: all but the headers that are found by searching, which the cache compares itself. Of our own headers, the hash.</summary>
    internal byte[] Key()
    {
        var key = new MemoryStream();
        Add(Encoding.UTF8.GetBytes(Format));
        foreach (string word in (string[])[_clang.Path, _clang.Version, _source.Name, .. Arguments("", "out")])
        {
            Add(Encoding.UTF8.GetBytes(word));
        }

        Add(_source.Text);
        var own = new XxHash128();
        foreach ((string name, byte[] contents) in SdkHeaders.All)
        {
            own.Append(Encoding.UTF8.GetBytes(name));
            own.Append(contents);
        }

        Add(own.GetCurrentHash());
        foreach ((string name, byte[] contents) in _source.Headers)
        {
            Add(Encoding.UTF8.GetBytes(name));
            Add(contents);
        }

        return key.ToArray();

        void Add(ReadOnlySpan<byte> part)
        {
            key.Write(BitConverter.GetBytes((long)part.Length));
            key.Write(part);
        }
    }

    /// <summary>Writes what clang reads.</summary>
    internal void Prepare(PrivateFolder folder)
    {
        foreach ((string name, byte[] contents) in _source.Headers)
        {
            folder.Write(name, contents);
        }

        foreach ((string name, byte[] contents) in SdkHeaders.All)
        {
            folder.Write(Path.Combine(PrivateFolder.SdkFolder, name), contents);
        }

        folder.Write(ArgumentFile, Encoding.UTF8.GetBytes(ResponseFile.Text(Arguments(folder.Path, Path.GetFileName(folder.Output)))));
        folder.Write(_source.Name, _source.Text);
    }

    /// <summary>Runs clang.</summary>
    /// <exception cref="Win32Exception">The launcher cannot be started.</exception>
    internal BoundedResult Run(PrivateFolder folder, bool dropsUser, CancellationToken cancellation)
    {
        string[] program = [_clang.Path, "--rsp-quoting=posix", "@" + ArgumentFile];
        string[] command = _options.IsTrusted ? program :
        [
            .. _options.Launcher ?? SandboxHost.Find(),
            .. new SandboxPolicy
            {
                Parent = Environment.ProcessId,
                DropsUser = dropsUser,
                Limits = _options.Limits,
                Readable = [.. ReadableFolders.Of(_clang.Path, HeaderFolders), folder.Path],
                Writable = folder.Output,
                Program = program,
            }.ToArguments(),
        ];
        return BoundedProcess.Run(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder.Path }, _options.Limits.WallClock, _options.Limits.Output, cancellation);
    }

    /// <summary>Returns the object; null where clang wrote none.</summary>
    internal byte[]? Object(PrivateFolder folder) => folder.ReadOutput(_source.Name + ObjectSuffix, _options.Limits.FileSize);

    /// <summary>Returns the headers that were found by searching; null where clang did not write them, or names one that is in none of the folders.</summary>
    internal IReadOnlyList<string>? Headers(PrivateFolder folder)
    {
        string name = _source.Name + DependencySuffix;
        if (folder.ReadOutput(name, _options.Limits.FileSize) is null)
        {
            return null;
        }

        IReadOnlyList<string> folders = HeaderFolders;
        string[] read = [.. DependencyFile.Read(Path.Combine(folder.Output, name)).Select(path => Path.GetFullPath(path, folder.Path)).Where(path => !ReadableFolders.Contains([folder.Path], path)).Distinct(StringComparer.Ordinal)];
        return Array.TrueForAll(read, path => ReadableFolders.Contains(folders, path)) ? read : null;
    }

    private IReadOnlyList<string> Arguments(string folder, string output) => ClangArguments.For(new ClangOptions
    {
        Directory = folder,
        Source = _source.Name,
        Object = $"{output}/{_source.Name}{ObjectSuffix}",
        DependencyFile = $"{output}/{_source.Name}{DependencySuffix}",
        IsBigEndian = !BitConverter.IsLittleEndian,
        Defines = [$"__TARGET_ARCH_{Architecture}"],
        IncludePaths = _includes,
        PackageIncludes = PrivateFolder.SdkFolder,
        SystemIncludes = _clang.SystemIncludes,
        AdditionalOptions = s_more,
    });

    // As libbpf's tracing header names it.
    private static string Architecture => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x86";
}
