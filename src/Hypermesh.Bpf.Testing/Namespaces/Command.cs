using System.Diagnostics;

namespace Hypermesh.Bpf.Testing.Namespaces;

/// <summary>Runs programs of the system, in the namespaces of the calling thread.</summary>
internal static class Command
{
    /// <exception cref="InvalidOperationException">It is missing, or its exit code is not 0; the message has its output.</exception>
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
