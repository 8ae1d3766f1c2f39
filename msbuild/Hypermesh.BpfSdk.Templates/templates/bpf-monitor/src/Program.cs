using System.Globalization;
using System.Runtime.InteropServices;

double? seconds = null;
if (args is ["--seconds", { } text] && double.TryParse(text, CultureInfo.InvariantCulture, out double length) && length > 0)
{
    seconds = length;
}
else if (args.Length > 0)
{
    Console.Error.WriteLine($"usage: {AppDomain.CurrentDomain.FriendlyName} [--seconds N]");
    return 2;
}

// Ctrl-C and SIGTERM end it like the end of its time: the program is detached.
using var end = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

try
{
    await using Exec exec = Exec.Open().Load();
    exec.Attach();
    Console.Error.WriteLine("Watching, Ctrl-C ends.");
    if (seconds is { } time)
    {
        end.CancelAfter(TimeSpan.FromSeconds(time));
    }

    try
    {
        await foreach (Exec.Event e in exec.Maps.Events.ReadAllAsync(end.Token))
        {
            Console.WriteLine(Shown($"{e.Pid,7} of {e.Parent,-7} {e.Comm}"));
        }
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine($"{exec.Maps.Events.Dropped} events found no room.");
    }

    return 0;
}
catch (Exception e) when (e is BpfException or PlatformNotSupportedException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    end.Cancel();
}

// Whoever starts a process or makes a file names it: control characters of theirs do not reach the terminal.
static string Shown(string line) => string.Concat(line.Select(static one => char.IsControl(one) ? '?' : one));
