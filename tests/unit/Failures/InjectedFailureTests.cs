using System.Collections.Concurrent;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Unit.Failures;

/// <summary>
/// Every call of every scenario fails, at each position, with each error the kernel has for it: once, and from there on. Either it was a call that can be done without, or there is
/// an exception of the right type that names the object; and nothing stays open, mapped or attached.
/// </summary>
public sealed class InjectedFailureTests
{
    public static TheoryData<string> Names => [.. Scenarios.All.Select(static scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Without_failures_a_scenario_works_and_leaves_nothing_open(string name)
    {
        ScriptedKernel kernel = Scenarios.NewKernel();
        Run(kernel, Scenario(name));
        AssertClean(kernel, name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_call_may_fail_with_any_error(string name)
    {
        Scenario scenario = Scenario(name);
        var wrong = new ConcurrentBag<string>();
        Failure[] failures = [.. FailuresOf(scenario)];
        Parallel.ForEach(failures, failure => Try(scenario, failure, wrong));

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {failures.Length} combinations of call, error and position, {failures.Select(static f => f.Call).Distinct().Count()} calls");
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal).Take(40)) + $"\n{wrong.Count} of {failures.Length} are wrong");
    }

    private static Scenario Scenario(string name) => Scenarios.All.Single(scenario => scenario.Name == name);

    private static BpfObjectSpec Read() => BpfObjectSpec.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Failures", "testdata", "faults.bpf.o")), "faults");

    private static IEnumerable<Failure> FailuresOf(Scenario scenario)
    {
        ScriptedKernel kernel = Scenarios.NewKernel();
        int end = 0;
        Run(kernel, scenario, () => end = kernel.Calls.Count);
        var before = kernel.Calls.Take(end).CountBy(static call => call).ToDictionary();
        foreach (IGrouping<string, string> call in kernel.Calls.Where(static call => call is not "munmap").GroupBy(static call => call, StringComparer.Ordinal))
        {
            int times = call.Count();
            foreach (int errno in CallErrors.Of(call.Key).Where(errno => errno == Errno.EINTR || call.Key != "write" || scenario.Name != "event loop"))
            {
                for (int position = 0; position < times; position++)
                {
                    // A watch of the event loop that ends is an end too.
                    bool isAtTheEnd = position >= before.GetValueOrDefault(call.Key) || (call.Key == "epoll_ctl" && position == times - 1);
                    yield return new Failure(call.Key, position, errno, IsLasting: false, isAtTheEnd);

                    // What is interrupted for ever is asked for ever.
                    if (errno is not (Errno.EINTR or Errno.EAGAIN))
                    {
                        yield return new Failure(call.Key, position, errno, IsLasting: true, isAtTheEnd);
                    }
                }
            }
        }
    }

    private static void Try(Scenario scenario, Failure failure, ConcurrentBag<string> wrong)
    {
        ScriptedKernel kernel = Scenarios.NewKernel();
        int count = 0;
        kernel.OnCall = call => call == failure.Call && Interlocked.Increment(ref count) - 1 is var at && (at == failure.Position || (failure.IsLasting && at > failure.Position))
            ? -failure.Errno
            : null;
        Exception? thrown = Record.Exception(() => Run(kernel, scenario));
        // Without programs of its own the object loads only those that find out what the kernel has.
        bool isProbing = scenario.Programs.Length == 0 && failure.Call == "BPF_PROG_LOAD";
        foreach (string complaint in Complaints(kernel, failure, thrown, isProbing))
        {
            wrong.Add($"{failure}: {complaint}");
        }
    }

    private static IEnumerable<string> Complaints(ScriptedKernel kernel, Failure failure, Exception? thrown, bool isProbing)
    {
        if (kernel.OpenDescriptors.Count > 0)
        {
            yield return $"{kernel.OpenDescriptors.Count} descriptors left open";
        }

        if (kernel.Mapped > 0)
        {
            yield return $"{kernel.Mapped} mappings left";
        }

        if (thrown is null)
        {
            if (failure is { IsLasting: true, IsAtTheEnd: false } && !isProbing && !CallErrors.IsDispensable(failure.Call, failure.Errno))
            {
                yield return "passed over";
            }

            yield break;
        }

        if (thrown is not BpfException reason)
        {
            yield return "not ours: " + thrown;
            yield break;
        }

        if (reason is BpfSyscallException refused && refused.Errno == failure.Errno && failure.Errno is Errno.EPERM or Errno.EACCES or Errno.EMFILE
            && reason is not (BpfPermissionException or BpfVerifierException))
        {
            yield return "not a refusal: " + reason.GetType().Name;
        }

        if (!reason.Message.Contains("faults", StringComparison.Ordinal) && reason.ObjectName is null && reason.SubjectName is null && !s_nameless.Contains(failure.Call))
        {
            yield return "names nobody: " + reason.Message;
        }
    }

    // What belongs to no object: it is asked for before there is one, or is the process's.
    private static readonly HashSet<string> s_nameless =
        ["BPF_ENABLE_STATS", "epoll_create1", "eventfd", "epoll_ctl", "open /sys/fs/cgroup/test", "open /proc/self/ns/net"];

    private static void AssertClean(ScriptedKernel kernel, string name)
    {
        Assert.True(kernel.OpenDescriptors.Count == 0, $"{name}: {kernel.OpenDescriptors.Count} descriptors left open");
        Assert.True(kernel.Mapped == 0, $"{name}: {kernel.Mapped} mappings left");
    }

    private static void Run(ScriptedKernel kernel, Scenario scenario, Action? atTheEnd = null)
    {
        BpfObjectSpec spec = Read();
        foreach (BpfProgramSpec program in spec.Programs)
        {
            program.Enabled = Array.IndexOf(scenario.Programs, program.Name) >= 0;
        }

        using BpfObject live = BpfObject.Load(spec, new BpfLoadOptions { Kernel = kernel });
        int before = live.Links.Count;
        try
        {
            scenario.Use(kernel, live);
        }
        catch
        {
            Assert.Equal(before, live.Links.Count);
            throw;
        }

        atTheEnd?.Invoke();
    }

    /// <summary>One call that fails: at the end, closing goes on all the same, and nobody is told.</summary>
    private sealed record Failure(string Call, int Position, int Errno, bool IsLasting, bool IsAtTheEnd)
    {
        public override string ToString() => $"{Call} #{Position} {Hypermesh.Bpf.Interop.Errno.Name(Errno)}{(IsLasting ? " from there on" : "")}";
    }
}
