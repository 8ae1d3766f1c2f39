using System.Diagnostics;
using System.Text;

namespace Hypermesh.BpfSdk.Tasks.Files;

/// <summary>Runs a program to its end and keeps what it printed.</summary>
internal static class ProcessRunner
{
    /// <summary>Runs the program.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments, each as the program is to see it.</param>
    /// <param name="workingDirectory">Where it runs.</param>
    /// <param name="cancellation">Ends the program when it is asked for.</param>
    /// <param name="input">What it reads from its standard input; null for nothing.</param>
    /// <returns>What it printed and how it ended.</returns>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static ProcessResult Run(string program, IEnumerable<string> arguments, string workingDirectory, CancellationToken cancellation, string? input = null)
    {
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(program, string.Join(" ", arguments.Select(Quote)))
            {
                CreateNoWindow = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                StandardErrorEncoding = Encoding.UTF8,
                StandardOutputEncoding = Encoding.UTF8,
                UseShellExecute = false,
                WorkingDirectory = workingDirectory,
            },
        };

        process.Start();
        using CancellationTokenRegistration registration = cancellation.Register(() => Kill(process));
        Task<string> error = process.StandardError.ReadToEndAsync();
        Write(process.StandardInput.BaseStream, input);
        string output = process.StandardOutput.ReadToEnd();
        string errorText = error.GetAwaiter().GetResult();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        return new ProcessResult(process.ExitCode, output, errorText);
    }

    private static void Write(Stream standardInput, string? text)
    {
        try
        {
            // As bytes: which encoding the writer of a process has depends on the system.
            byte[] bytes = Encoding.UTF8.GetBytes(text ?? "");
            standardInput.Write(bytes, 0, bytes.Length);
            standardInput.Dispose();
        }
        catch (IOException)
        {
            // It ended without reading; how it ended says why.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself in the meantime.
        }
    }

    // The rules by which .NET takes a command line apart again, on every system.
    private static string Quote(string argument)
    {
        StringBuilder quoted = new("\"");
        int backslashes = 0;
        foreach (char c in argument)
        {
            if (c == '"')
            {
                quoted.Append('\\', backslashes + 1);
            }

            backslashes = c == '\\' ? backslashes + 1 : 0;
            quoted.Append(c);
        }

        return quoted.Append('\\', backslashes).Append('"').ToString();
    }
}
