using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Hypermesh.Bpf.Compilation.Sandboxing;

/// <summary>Runs a program until it ends or its time is over, and keeps the beginning of what it writes.</summary>
internal static class BoundedProcess
{
    private const int Poll = 100;

    /// <summary>Runs it on this thread: a program that dies with its parent dies with the thread that started it.</summary>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, and killed.</exception>
    internal static BoundedResult Run(ProcessStartInfo start, TimeSpan limit, int mostOutput, CancellationToken cancellation)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = Task.Factory.StartNew(() => Read(process.StandardError.BaseStream, mostOutput), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task<string> output = Task.Factory.StartNew(() => Read(process.StandardOutput.BaseStream, mostOutput), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        long began = Stopwatch.GetTimestamp();
        bool isOver = false;
        while (!process.WaitForExit(Poll))
        {
            isOver = Stopwatch.GetElapsedTime(began) >= limit;
            if (isOver || cancellation.IsCancellationRequested)
            {
                Kill(process);
                process.WaitForExit();
                break;
            }
        }

        // The pipes end with the program, and so do the readers.
        string text = error.GetAwaiter().GetResult();
        output.GetAwaiter().GetResult();
        cancellation.ThrowIfCancellationRequested();
        return new BoundedResult(process.ExitCode, text, isOver);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended in the meantime.
        }
    }

    // All of it is read, so that the program does not wait; only the beginning is kept.
    private static string Read(Stream pipe, int most)
    {
        byte[] kept = new byte[most];
        byte[] rest = new byte[4096];
        int count = 0;
        while (true)
        {
            int read = count < most ? pipe.Read(kept, count, most - count) : pipe.Read(rest, 0, rest.Length);
            if (read <= 0)
            {
                return Encoding.UTF8.GetString(kept, 0, count);
            }

            count = Math.Min(most, count + read);
        }
    }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number when a signal ended it.</param>
/// <param name="Error">The beginning of its standard error.</param>
/// <param name="IsOverTime">True when it was killed because its time was over.</param>
internal sealed record BoundedResult(int ExitCode, string Error, bool IsOverTime);
