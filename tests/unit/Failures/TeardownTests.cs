using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Programs;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tests.Unit.Failures;

/// <summary>A failure at each position while an object ends: all other parts end, and the failure is reported.</summary>
public sealed class TeardownTests
{
    public static TheoryData<string> Names => [.. Scenarios.All.Select(static scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void One_part_that_cannot_be_ended_keeps_no_other(string name)
    {
        int positions = End(name, static _ => false, out Exception? none);
        Assert.Null(none);
        Assert.True(positions > 0);
        for (int failing = 0; failing < positions; failing++)
        {
            int place = failing;
            Assert.Equal(positions, End(name, position => position == place, out Exception? failure));
            Assert.Equal($"release {place}", Assert.IsType<StuckException>(failure).Message);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void All_that_cannot_be_ended_is_reported(string name)
    {
        int positions = End(name, static _ => true, out Exception? failure);
        string[] expected = [.. Enumerable.Range(0, positions).Select(static position => $"release {position}")];
        IEnumerable<Exception> reported = failure is AggregateException several ? several.InnerExceptions : [failure!];
        Assert.Equal(expected.Order(), reported.Select(static one => Assert.IsType<StuckException>(one).Message).Order());
    }

    [Theory]
    [InlineData("Detached")]
    [InlineData("ObjectUnloaded")]
    public void A_logger_that_fails_keeps_nothing_attached(string message)
    {
        ScriptedKernel kernel = Scenarios.NewKernel();
        BpfObject live = Load(kernel, ["raw_tracepoint", "typed_tracepoint"], new EventLogger(message, () => throw new StuckException(message)));
        live.Attach();
        IReadOnlyList<BpfProgramLink> links = live.Links;
        Assert.Equal(2, links.Count);
        Assert.Equal(message == "Detached" ? 2 : 1, Failures(Record.Exception(live.Dispose)).Length);
        Assert.All(links, static link => Assert.False(link.IsAttached));
        Assert.Empty(live.Links);
        AssertClean(kernel);
    }

    [Fact]
    public void A_load_that_fails_says_why_whatever_fails_after_it()
    {
        ScriptedKernel kernel = Scenarios.NewKernel();
        kernel.OnCall = call =>
        {
            if (call != "BPF_PROG_LOAD")
            {
                return null;
            }

            kernel.OnRelease = static kind =>
            {
                if (kind == "munmap")
                {
                    throw new StuckException("stuck");
                }
            };
            return -Errno.EINVAL;
        };
        var reason = Assert.ThrowsAny<BpfException>(() => Load(kernel, ["socket_filter"], null));
        kernel.OnRelease = null;
        Assert.NotEmpty(Assert.IsType<Exception[]>(reason.Data[Teardown.NotUndone]));
        AssertClean(kernel);
    }

    [Fact]
    public void An_attach_that_fails_is_undone_whatever_fails_meanwhile()
    {
        ScriptedKernel kernel = Scenarios.NewKernel();
        BpfObject live = Load(kernel, ["raw_tracepoint", "typed_tracepoint", "security_hook"], null);
        int attached = 0;
        kernel.OnCall = call =>
        {
            if (call is not ("BPF_RAW_TRACEPOINT_OPEN" or "BPF_LINK_CREATE") || ++attached < 3)
            {
                return null;
            }

            kernel.OnRelease = static _ => throw new StuckException("stuck");
            return -Errno.EINVAL;
        };
        var reason = Assert.ThrowsAny<BpfException>(live.Attach);
        Assert.Equal(3, attached);
        Assert.Equal(2, Assert.IsType<Exception[]>(reason.Data[Teardown.NotUndone]).Length);
        Assert.Empty(live.Links);
        kernel.OnRelease = null;
        live.Dispose();
        AssertClean(kernel);
    }

    [Fact]
    public void The_parts_of_a_bundle_all_end_the_last_first()
    {
        var ended = new List<int>();
        var bundle = new LinkBundle();
        for (int i = 0; i < 4; i++)
        {
            bundle.Add(new Part(i, ended));
        }

        Assert.Equal(["1", "3"], Failures(Record.Exception(bundle.Dispose)).Select(static one => one.Message).Order());
        Assert.Equal([3, 2, 1, 0], ended);
        bundle.Dispose();
    }

    private static int End(string name, Func<int, bool> fails, out Exception? failure)
    {
        Scenario scenario = Scenarios.All.Single(scenario => scenario.Name == name);
        ScriptedKernel kernel = Scenarios.NewKernel();
        BpfObject live = Load(kernel, scenario.Programs, null);
        scenario.Use(kernel, live);
        int position = 0;
        kernel.OnRelease = _ =>
        {
            int place = position++;
            if (fails(place))
            {
                throw new StuckException($"release {place}");
            }
        };
        IReadOnlyList<BpfProgramLink> links = live.Links;
        failure = Record.Exception(live.Dispose);
        kernel.OnRelease = null;
        AssertClean(kernel);
        Assert.Empty(live.Links);
        Assert.All(links, static link => Assert.False(link.IsAttached));
        return position;
    }

    private static BpfObject Load(ScriptedKernel kernel, string[] programs, ILogger? logger)
    {
        BpfObjectSpec spec = BpfObjectSpec.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Failures", "testdata", "faults.bpf.o")), "faults");
        foreach (BpfProgramSpec program in spec.Programs)
        {
            program.Enabled = Array.IndexOf(programs, program.Name) >= 0;
        }

        return BpfObject.Load(spec, new BpfLoadOptions { Kernel = kernel, LoggerFactory = logger is null ? null : new OneLogger(logger) });
    }

    private static Exception[] Failures(Exception? failure) => failure switch
    {
        null => [],
        AggregateException several => [.. several.InnerExceptions],
        _ => [failure],
    };

    private static void AssertClean(ScriptedKernel kernel)
    {
        Assert.Empty(kernel.OpenDescriptors);
        Assert.Equal(0, kernel.Mapped);
    }

    private sealed class StuckException(string message) : Exception(message);

    private sealed class Part(int number, List<int> ended) : IDisposable
    {
        public void Dispose()
        {
            ended.Add(number);
            if (number % 2 == 1)
            {
                throw new StuckException(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    private sealed class OneLogger(ILogger logger) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
        }
    }
}
