using System.Diagnostics;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>Giving up the capabilities of a whole process, each time in a process of its own: there is no way back.</summary>
public sealed class DropTests : KernelTest
{
    // A process that is still there by then hangs; emulated, the tests' start alone takes half a minute.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private static readonly string[] s_service = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all,+bpf,+perfmon", "--ambient-caps=-all,+bpf,+perfmon"];

    [Theory]
    [InlineData(nameof(DroppedProcess.Root_keeps_what_is_open), false)]
    [InlineData(nameof(DroppedProcess.A_service_keeps_what_is_open), true)]
    [InlineData(nameof(DroppedProcess.What_is_kept_is_kept), false)]
    [InlineData(nameof(DroppedProcess.One_goes_after_the_other_while_threads_come_and_go), false)]
    [InlineData(nameof(DroppedProcess.What_could_not_be_detached_is_said), false)]
    public void Afterwards_what_is_open_goes_on(string test, bool isService)
    {
        string folder = Directory.CreateTempSubdirectory("hypermesh-drop-").FullName;
        try
        {
            // A service may not look into the folder the tests run from.
            string tests = isService ? Path.Combine(folder, "tests") : AppContext.BaseDirectory;
            PrivateNamespace.Shell(isService ? $"cp -r {AppContext.BaseDirectory} {tests} && chmod -R a+rwX {folder}" : "true");
            string[] arguments =
            [
                .. isService ? s_service : [], .. Command(tests), "--explicit", "only", "--filter-method", $"*{nameof(DroppedProcess)}.{test}", "--results-directory", folder,
            ];
            (int code, string output) = Start(arguments, folder);
            Assert.True(code == 0, output);
            Assert.Contains("succeeded: 1", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // dotnet is told which dll; an executable of its own knows.
    private static string[] Command(string tests)
    {
        string name = Path.GetFileName(Environment.ProcessPath!);
        return name == "dotnet" ? [Environment.ProcessPath!, Path.Combine(tests, "Hypermesh.Bpf.Tests.Kernel.dll")] : [Path.Combine(tests, name)];
    }

    private static (int Code, string Output) Start(string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(arguments[0], arguments[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment[DroppedProcess.Marker] = "1";
        start.Environment["TMPDIR"] = start.Environment["HOME"] = folder;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        return (process.ExitCode, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }
}
