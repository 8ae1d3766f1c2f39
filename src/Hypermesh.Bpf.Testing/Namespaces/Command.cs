using System.Diagnostics;

namespace Hypermesh.Bpf.Testing.Namespaces;

/// <summary>Programs of the system, started in the namespaces of the thread that starts them.</summary>
internal static class Command
{
    /// <exception cref="InvalidOperationException">It is not there, or ended with another exit code than 0; the message has what it said.</exception>
    internal static void Run(string program, params string[] arguments)
    {
        string line = string.Join(' ', arguments.Prepend(program));
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception reason)
        {
            throw new InvalidOperationException($"'{line}' could not be started: {reason.Message}", reason);
        }

        using (process)
        {
            using StreamReader reader = process.StandardError;
            string errors = reader.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"'{line}' ended with exit code {process.ExitCode}: {errors.Trim()}");
            }
        }
    }
}
