using System.ComponentModel;
using System.Diagnostics;

namespace Hypermesh.Bpf.Monitoring.Processes;

/// <summary>Starts a program that does nothing, so that the hook of executed programs has something to see.</summary>
internal static class ProcessStimulus
{
    private static readonly string[] s_programs = ["/bin/true", "/usr/bin/true"];

    /// <summary>Runs it to its end; false where there is none, or it may not be started.</summary>
    internal static bool TryRun()
    {
        foreach (string program in s_programs)
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(program) { UseShellExecute = false });
                process?.WaitForExit();
                return process is not null;
            }
            catch (Win32Exception)
            {
                // Not here, or not allowed: the next place.
            }
        }

        return false;
    }
}
