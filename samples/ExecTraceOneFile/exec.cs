#!/usr/bin/env -S dotnet run
// ExecTrace in one file: `dotnet run exec.cs`, as root. Its C is exec.bpf.c beside it; the build generates the class Exec from it.
#:sdk Hypermesh.BpfSdk@0.1.0
#:property PublishAot=false

using System.Runtime.InteropServices;

using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

await using Exec exec = Exec.Open().Load();
exec.Attach();
Console.Error.WriteLine("Tracing, Ctrl-C ends.");
try
{
    await foreach (Exec.Event e in exec.Maps.Events.ReadAllAsync(stop.Token))
    {
        Console.WriteLine(Shown(e.Kind == Exec.EventKind.ProcessExec
            ? $"exec {e.Pid} of {e.Parent} {e.Comm} {e.File}"
            : $"exit {e.Pid} of {e.Parent} {e.Comm} code {e.ExitCode} signal {e.Signal} after {e.RunTimeNs / 1e6:0.0} ms"));
    }
}
catch (OperationCanceledException)
{
    Console.WriteLine($"{exec.Maps.Events.Dropped} dropped");
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

// Whoever starts a process or makes a file names it: control characters of theirs do not reach the terminal.
static string Shown(string line) => string.Concat(line.Select(static one => char.IsControl(one) ? '?' : one));
