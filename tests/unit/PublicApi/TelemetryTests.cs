using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Hypermesh.Bpf.Hosting;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Telemetry;
using Hypermesh.Bpf.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tests.Unit.PublicApi;

/// <summary>What alerts and dashboards are built on: the events that are logged and the counters, by ID and name.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public void Events_and_counters_are_those_written_down()
    {
        var text = new StringBuilder();
        foreach (Assembly assembly in new[] { typeof(BpfObject).Assembly, typeof(CpuMonitor).Assembly, typeof(HypermeshMonitoringExtensions).Assembly })
        {
            text.Append(CultureInfo.InvariantCulture, $"{assembly.GetName().Name}\n");
            foreach ((LoggerMessageAttribute message, string name) in EventsOf(assembly).OrderBy(static one => one.Message.EventId))
            {
                text.Append(CultureInfo.InvariantCulture, $"  event {message.EventId} {message.EventName ?? name}, {message.Level}\n");
            }
        }

        text.Append("meter Hypermesh.Bpf\n");
        foreach (string counter in Counters())
        {
            text.Append(CultureInfo.InvariantCulture, $"  {counter}\n");
        }

        GoldenFile.Check("Telemetry", text.ToString());
    }

    [Fact]
    public void The_ID_of_an_event_is_its_own()
        => Assert.All(new[] { typeof(BpfObject).Assembly, typeof(CpuMonitor).Assembly, typeof(HypermeshMonitoringExtensions).Assembly }, static assembly =>
            Assert.Equal([], EventsOf(assembly).GroupBy(static one => one.Message.EventId).Where(static group => group.Count() > 1).Select(static group => group.Key)));

    private static IEnumerable<(LoggerMessageAttribute Message, string Name)> EventsOf(Assembly assembly)
        => assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(static method => (Message: method.GetCustomAttribute<LoggerMessageAttribute>(), method.Name))
            .Where(static one => one.Message is not null)!;

    private static SortedSet<string> Counters()
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == "Hypermesh.Bpf")
            {
                found.Add($"{instrument.GetType().Name.Split('`')[0]} {instrument.Name}, {instrument.Unit}");
            }
        };
        RuntimeHelpers.RunClassConstructor(typeof(BpfMetrics).TypeHandle);
        listener.Start();
        return found;
    }
}
