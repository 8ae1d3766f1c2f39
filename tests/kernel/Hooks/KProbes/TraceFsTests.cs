using System.Globalization;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.KProbes;

/// <summary>Probes made through tracefs: beside what other processes left there, and while other processes use them.</summary>
public sealed class TraceFsTests : TracingTest
{
    private const string Root = "/sys/kernel/tracing";
    private const uint TypeTracepoint = 2;

    // What releases before this one named the first probe of a process, and what a process that was killed leaves behind.
    private static string StaleName => $"hypermesh/p{Environment.ProcessId}_1";

    [Theory]
    [InlineData("kprobe_events")]
    [InlineData("uprobe_events")]
    public void An_event_that_was_left_behind_is_not_reused(string list) => WithProbe(list, (target, attach) =>
    {
        string file = $"{Root}/{list}";
        File.AppendAllText(file, $"p:{StaleName} {target}\n");
        try
        {
            BpfProgramLink link = attach(null);
            string[] lines = File.ReadAllLines(file);
            Assert.Single(lines, static line => line.Contains(":hypermesh/", StringComparison.Ordinal));
            Assert.Single(lines, static line => line.Contains(":hypermesh_", StringComparison.Ordinal));
            link.Dispose();
            Assert.Single(File.ReadAllLines(file), static line => line.Contains(":hypermesh", StringComparison.Ordinal));
        }
        finally
        {
            File.AppendAllText(file, $"-:{StaleName}\n");
        }
    });

    [Theory]
    [InlineData("kprobe_events")]
    [InlineData("uprobe_events")]
    public void An_event_others_listen_to_is_removed_when_they_have_ended(string list) => WithProbe(list, (_, attach) =>
    {
        var log = new Recorder();
        BpfProgramLink link = attach(log);
        string line = Assert.Single(File.ReadAllLines($"{Root}/{list}"), static line => line.Contains(":hypermesh_", StringComparison.Ordinal));
        string name = line.Split(' ')[0][2..];
        ulong id = ulong.Parse(File.ReadAllText($"{Root}/events/{name}/id"), CultureInfo.InvariantCulture);
        using (PerfEventCounter.Open(PerfEventSource.Raw(TypeTracepoint, id), PerfEventTarget.Cpu(0)))
        {
            link.Dispose();
            Assert.Contains(log.Lines, text => text.Contains("EBUSY", StringComparison.Ordinal) && text.Contains(name, StringComparison.Ordinal));
            Assert.Contains(name, File.ReadAllText($"{Root}/{list}"), StringComparison.Ordinal);
        }

        Assert.True(SpinWait.SpinUntil(() => TraceFsRemovals.Count == 0, TimeSpan.FromSeconds(30)), "it is never tried again");
        Assert.DoesNotContain(name, File.ReadAllText($"{Root}/{list}"), StringComparison.Ordinal);
        Assert.Contains(log.Lines, static text => text.Contains("was removed", StringComparison.Ordinal));
    });

    /// <summary>Gives a test the target as the list shows it, and what attaches a program to it through that list.</summary>
    private void WithProbe(string list, Action<string, Func<ILogger?, BpfProgramLink>> test)
    {
        bool ofKernel = list == "kprobe_events";
        if (ofKernel)
        {
            NeedsKProbes();
        }

        ProbedProgram? probed = ofKernel ? null : Own(ProbedProgram.Start());
        Sandbox.WithTracing(() =>
        {
            if (probed is null)
            {
                test("__x64_sys_getpgid", log =>
                {
                    Probes.Spec spec = Probes.Open();
                    spec.Programs.BareEntry.Enabled = true;
                    Probes probes = Own(spec.Load(Options(log)));
                    return probes.Programs.BareEntry.Attach("__x64_sys_getpgid", new KProbeOptions { Method = ProbeMethod.TraceFs });
                });
                return;
            }

            test($"{probed.Path}:0x0000000000000010", log =>
            {
                Uprobes.Spec spec = Uprobes.Open();
                spec.Programs.Entry.Enabled = true;
                Uprobes probes = Own(spec.Load(Options(log)));
                return probes.Programs.Entry.Attach(probed.Path, "probed_one", new UProbeOptions { Method = ProbeMethod.TraceFs });
            });
        });
    }

    private static BpfLoadOptions Options(ILogger? log) => new() { LoggerFactory = log as ILoggerFactory };

    private sealed class Recorder : ILogger, ILoggerFactory
    {
        private readonly List<string> _lines = [];

        internal string[] Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
            {
                _lines.Add(formatter(state, exception));
            }
        }
    }
}
