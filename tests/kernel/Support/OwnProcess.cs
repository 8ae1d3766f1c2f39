using System.Diagnostics;
using System.Reflection;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// Parts of tests that take a process of their own, because what they do cannot be undone or begins in another namespace: this program started again, without the
/// test runner, whose start alone takes half a minute where a processor is emulated.
/// </summary>
internal static class OwnProcess
{
    private const string Call = "--in-own-process";

    // A process that is still there by then hangs.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    internal static bool IsCalled(string[] arguments) => arguments is [Call, ..];

    /// <summary>Runs the part that was asked for; what it throws is printed, and the exit code is 1.</summary>
    internal static int Run(string[] arguments)
    {
        (string type, string method) = (arguments[1], arguments[2]);
        try
        {
            MethodInfo part = typeof(OwnProcess).Assembly.GetType(type, throwOnError: true)!.GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!;
            part.CreateDelegate<Action>()();
            return 0;
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine(failure);
            return 1;
        }
    }

    /// <summary>Starts a part: a static method of the tests, named by <paramref name="part"/>. What it throws is this test's failure.</summary>
    /// <param name="part">What to run there.</param>
    /// <param name="folder">The working directory, home and place for temporary files.</param>
    /// <param name="before">What starts it, as setpriv: a program and its arguments, before those of the part.</param>
    /// <param name="tests">Where the tests lie; null where this process has them.</param>
    /// <returns>The exit code, and all that was printed.</returns>
    internal static (int Code, string Output) Start(Action part, string folder, string[]? before = null, string? tests = null)
        => Start([.. before ?? [], .. CommandOf(part, tests)], folder);

    /// <summary>The command that starts a part.</summary>
    internal static string[] CommandOf(Action part, string? tests = null) => [.. Tests(tests ?? AppContext.BaseDirectory), Call, part.Method.DeclaringType!.FullName!, part.Method.Name];

    /// <summary>Starts any program, and waits for it.</summary>
    internal static (int Code, string Output) Start(string[] command, string folder)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["TMPDIR"] = start.Environment["HOME"] = folder;
        start.Environment.Remove(BpfToken.PathVariable);
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

    // dotnet is told which dll; an executable of its own knows.
    private static string[] Tests(string folder)
    {
        string name = Path.GetFileName(Environment.ProcessPath!);
        return name == "dotnet" ? [Environment.ProcessPath!, Path.Combine(folder, typeof(OwnProcess).Assembly.GetName().Name + ".dll")] : [Path.Combine(folder, name)];
    }
}
