using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Hypermesh.Bpf.Clang.Running;

/// <summary>Runs a program to its end and returns its output.</summary>
internal static class ProcessRunner
{
    // Milliseconds until a cancellation is noticed. The end of the program is noticed immediately.
    private const int Poll = 100;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly Action<Process> s_killTree = FindKillTree();

    /// <summary>Runs the program.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <param name="workingDirectory">The folder that it runs in.</param>
    /// <param name="cancellation">Ends the program when it is cancelled.</param>
    /// <param name="input">The text of its standard input; null for none.</param>
    /// <returns>Its output and exit code.</returns>
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
        CountdownEvent ended = new(2);
        Reading output = new(process.StandardOutput, ended);
        Reading error = new(process.StandardError, ended);
        // In the background: a program that does not read its input must not block a cancelled build.
        Stream standardInput = process.StandardInput.BaseStream;
        InBackground(() => Write(standardInput, input));
        try
        {
            while (!process.WaitForExit(Poll))
            {
                cancellation.ThrowIfCancellationRequested();
            }

            // A process that the program left behind (the server of a compiler cache) may hold both pipes open, so this wait has one limit for both.
            ended.Wait(s_patience, cancellation);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            throw;
        }

        return new ProcessResult(process.ExitCode, output.Text, error.Text);
    }

    // Not on the thread pool, whose threads wait for these programs.
    private static void InBackground(ThreadStart work) => new Thread(work) { IsBackground = true }.Start();

    private static void Write(Stream standardInput, string? text)
    {
        try
        {
            // As bytes, because the encoding of a process's writer depends on the system.
            byte[] bytes = Encoding.UTF8.GetBytes(text ?? "");
            standardInput.Write(bytes, 0, bytes.Length);
            standardInput.Dispose();
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // It ended without reading; its exit code and output say why.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            s_killTree(process);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended in the meantime, or belongs to another user (sudo).
        }
    }

    // Kills the children too: a wrapper such as ccache runs the compiler as its child. The method is not in .NET Standard 2.0, but in every .NET since Core 3.
    private static Action<Process> FindKillTree()
    {
        if (typeof(Process).GetMethod(nameof(Process.Kill), [typeof(bool)]) is not { } method)
        {
            return process => process.Kill();
        }

        var kill = (Action<Process, bool>)Delegate.CreateDelegate(typeof(Action<Process, bool>), method);
        return process => kill(process, true);
    }

    // The rules with which .NET splits a command line, on every system.
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

    /// <summary>Reads one of the program's pipes in the background.</summary>
    private sealed class Reading
    {
        private readonly StringBuilder _text = new();

        public Reading(TextReader pipe, CountdownEvent ended) => InBackground(() => ReadToEnd(pipe, ended));

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        private void ReadToEnd(TextReader pipe, CountdownEvent ended)
        {
            char[] buffer = new char[4096];
            try
            {
                for (int read = pipe.Read(buffer, 0, buffer.Length); read > 0; read = pipe.Read(buffer, 0, buffer.Length))
                {
                    lock (_text)
                    {
                        _text.Append(buffer, 0, read);
                    }
                }
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException)
            {
                // The process was disposed, and the text is no longer needed.
            }

            ended.Signal();
        }
    }
}

/// <summary>The exit code and the output of a program.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error);
