using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Tests.Build.Support;

/// <summary>
/// A C# compiler server that all builds of the tests use, as builds of a user share one. Without it each build starts a compiler, which compiles itself and the analyzers again, and
/// that takes longer than most projects here. It belongs to this run alone and ends with it, or, if the run is killed, by itself ten minutes after the last build.
/// </summary>
internal sealed partial class CompilerServer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _environment;
    private readonly string _program;
    private readonly Process _process;

    /// <summary>Starts the server of this <c>dotnet</c>, and waits until builds can find it.</summary>
    public CompilerServer()
    {
        // The folder may be in /tmp too.
        Name = Path.GetFileName(_folder.Path) + ".csc";
        _environment = new() { ["TMPDIR"] = _folder.Path };
        string version = DotNet.Run(_folder.Path, _environment, "--version").Output.Trim();
        string installed = DotNet.Run(_folder.Path, _environment, "--list-sdks").Output;
        _program = Path.Combine(Installed().Matches(installed).Single(line => line.Groups[1].Value == version).Groups[2].Value, version, "Roslyn", "bincore", "VBCSCompiler.dll");
        _process = DotNet.Start(DotNet.Program, _folder.Path, _environment, [_program, $"-pipename:{Name}"]);
        for (Stopwatch waited = Stopwatch.StartNew(); !File.Exists(Socket); Thread.Sleep(20))
        {
            if (_process.HasExited || waited.Elapsed > s_patience)
            {
                _process.Kill();
                throw new InvalidOperationException($"{_program} did not start: {_process.StandardOutput.ReadToEnd()}{_process.StandardError.ReadToEnd()}");
            }
        }
    }

    /// <summary>Its name, which builds take as the property <c>SharedCompilationId</c>.</summary>
    public string Name { get; }

    // Roslyn puts it there whatever the temporary folder of the build is.
    private string Socket => $"/tmp/{Name}";

    /// <summary>Ends the server.</summary>
    public void Dispose()
    {
        DotNet.Run(DotNet.Program, _folder.Path, _environment, [_program, $"-pipename:{Name}", "-shutdown"]);
        if (!_process.WaitForExit(s_patience))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        File.Delete(Socket);
        _folder.Dispose();
    }

    [GeneratedRegex(@"^(\S+) \[(.+)\]\r?$", RegexOptions.Multiline)]
    private static partial Regex Installed();
}
