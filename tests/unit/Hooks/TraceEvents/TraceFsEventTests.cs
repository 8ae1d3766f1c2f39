using System.Text;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.TraceEvents;

/// <summary>Probes made as tracefs events. A fake tracefs keeps its lists as the kernel does: a probe with the name of an existing event joins that event.</summary>
public sealed class TraceFsEventTests : IDisposable
{
    private const string Root = "/sys/kernel/tracing";
    private const string KProbes = Root + "/kprobe_events";
    private const string UProbes = Root + "/uprobe_events";

    private readonly ScriptedKernel _kernel = new();
    private readonly List<string> _log = [];

    // What the list holds, by file.
    private readonly Dictionary<string, List<string>> _lists = new() { [KProbes] = [], [UProbes] = [] };

    // Answers the next removals instead of removing.
    private readonly Queue<long> _removals = [];

    public TraceFsEventTests()
    {
        _kernel.Files[Root + "/events"] = [];
        _kernel.OnWrite = Write;
        Publish();
    }

    public void Dispose()
    {
        _removals.Clear();
        TraceFsRemovals.Retry();
        Assert.Equal(0, TraceFsRemovals.Count);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void An_event_is_one_line_in_a_group_of_this_process_and_is_removed_with_its_link()
    {
        BpfKProbeProgram program = Program("kretprobe/f");

        BpfProgramLink link = program.Attach("f", new KProbeOptions { MaxActive = 3 });

        Assert.Matches("^r3:hypermesh_[0-9a-f]{16}/p[0-9]+ f$", Assert.Single(_lists[KProbes]));
        link.Dispose();
        Assert.Empty(_lists[KProbes]);
        program.Unload();
    }

    /// <summary>Mounting it would be of no use where the kernel has no such probes.</summary>
    [Theory]
    [InlineData("CONFIG_KPROBE_EVENTS=y\n", "The tracing file system is not available: it needs to be mounted")]
    [InlineData("# CONFIG_KPROBES is not set\n", "A probe of a kernel function is not available: it needs a kernel built with CONFIG_KPROBE_EVENTS, which this kernel's configuration does not have")]
    public void Without_tracefs_the_error_depends_on_the_kernels_configuration(string option, string told)
    {
        _kernel.Files.Remove(Root + "/events");
        _kernel.Files["/proc/config.gz"] = Encoding.UTF8.GetBytes("# Linux\n" + option);
        BpfKProbeProgram program = Program("kprobe/f");

        Assert.Contains(told, Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach("f")).Message, StringComparison.Ordinal);

        program.Unload();
    }

    /// <summary>bcc names libraries without their version; the kernel's loader knows their files.</summary>
    [Theory]
    [InlineData("libc", "A library is named by its file name, with .so and its version: write libc.so.6.")]
    [InlineData("c", "A library is named by its file name, with .so and its version: write libc.so.6.")]
    [InlineData("ssl", "A library is named by its file name, with .so and its version: write /opt/lib/libssl.so.1.1 or /opt/lib/libssl.so.3.")]
    [InlineData("libc.so", "libraries of near names: libc.so.6.")]
    [InlineData("libsll.so.3", "libraries of near names: /opt/lib/libssl.so.3.")]
    [InlineData("nothing-near", "or to be named by its whole path.")]
    public void A_library_that_is_not_found_is_reported_with_its_file_names(string name, string told)
    {
        _kernel.Files["/usr/lib/libc.so.6"] = [];
        _kernel.Files["/etc/ld.so.cache"] = "glibc-ld.so.cache1.1\0\u0001\0libc.so.6\0/usr/lib/libc.so.6\0libcap.so.2\0/usr/lib/libcap.so.2\0/opt/lib/libssl.so.3\0/opt/lib/libssl.so.1.1\0"u8.ToArray();
        BpfUProbeProgram program = UserProgram();

        BpfFeatureNotSupportedException missing = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach(name, "malloc"));

        Assert.EndsWith(told, missing.Message, StringComparison.Ordinal);
        program.Unload();
    }

    [Fact]
    public void An_offset_is_written_as_the_kernel_lists_it()
    {
        BpfKProbeProgram program = Program("kprobe/f");

        program.Attach("f+0x10", new KProbeOptions { Method = ProbeMethod.TraceFs });

        Assert.EndsWith(" f+16", Assert.Single(_lists[KProbes]), StringComparison.Ordinal);
        program.Unload();
        Assert.Empty(_lists[KProbes]);
    }

    [Fact]
    public void A_user_probe_is_written_as_the_kernel_lists_it()
    {
        BpfUProbeProgram program = UserProgram();

        program.Attach("/bin/a", 0x12, new UProbeOptions { Method = ProbeMethod.TraceFs, ReferenceCounterOffset = 0x34 });

        Assert.EndsWith(" /bin/a:0x0000000000000012(0x34)", Assert.Single(_lists[UProbes]), StringComparison.Ordinal);
        program.Unload();
        Assert.Empty(_lists[UProbes]);
    }

    [Fact]
    public void An_existing_event_of_that_name_is_an_error_and_stays()
    {
        string[] others = [.. Enumerable.Range(0, 5000).Select(static i => $"p:{TraceFsEvent.Group}/p{i} somebody_elses")];
        _lists[KProbes].AddRange(others);
        Publish();
        BpfKProbeProgram program = Program("kprobe/f");

        BpfException refusal = Assert.Throws<BpfException>(() => program.Attach("f", new KProbeOptions { Method = ProbeMethod.TraceFs }));

        Assert.Contains("1 lines of event hypermesh_", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(others, _lists[KProbes]);
        program.Unload();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_event_that_did_not_become_one_line_is_an_error_and_only_ours_is_removed(bool joined)
    {
        BpfKProbeProgram program = Program("kprobe/f");
        _kernel.OnWrite = (path, line) =>
        {
            if (line[0] != '-')
            {
                // Between the write and the look at the list, somebody joins the event or removes it.
                string name = Regex.Match(line, ":(\\S+) ").Groups[1].Value;
                if (!joined)
                {
                    return line.Length;
                }

                _lists[path].Add($"p:{name} somebody_elses");
            }

            return Write(path, line);
        };

        BpfException refusal = Assert.Throws<BpfException>(() => program.Attach("f", new KProbeOptions { Method = ProbeMethod.TraceFs }));

        Assert.Contains($"has {(joined ? 2 : 0)} lines", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(joined ? 1 : 0, _lists[KProbes].Count(static line => line.EndsWith("somebody_elses", StringComparison.Ordinal)));
        Assert.DoesNotContain(_lists[KProbes], static line => line.EndsWith(" f", StringComparison.Ordinal));
        Assert.DoesNotContain("perf_event_open", _kernel.Calls);
        program.Unload();
    }

    [Theory]
    [InlineData("/tmp/a b")]
    [InlineData("/tmp/a\tb")]
    [InlineData("/tmp/a\nb")]
    [InlineData("/tmp/a\rb")]
    [InlineData("/tmp/a#b")]
    [InlineData("/tmp/a\u0001b")]
    [InlineData("/tmp/a\u001bb")]
    [InlineData("/tmp/a\u007fb")]
    [InlineData("/tmp/a\u00a0b")]
    [InlineData("/tmp/\u00e0")]
    [InlineData("/tmp/a\nr:kprobes/evil do_exit")]
    [InlineData("/tmp/a ")]
    public void A_target_the_kernel_would_read_differently_is_rejected(string path)
    {
        BpfUProbeProgram program = UserProgram();

        BpfException refusal = Assert.Throws<BpfException>(() => program.Attach(path, 0x12, new UProbeOptions { Method = ProbeMethod.TraceFs }));

        Assert.Contains("symbolic link", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_kernel.Written);
        program.Unload();
    }

    [Theory]
    [InlineData("f\ng", false)]
    [InlineData("f g", false)]
    [InlineData("f#", false)]
    [InlineData("f%return", true)]
    [InlineData("0xffffffff81000000", true)]
    public void A_function_name_the_kernel_would_read_differently_is_rejected(string function, bool missing)
    {
        _kernel.Files["/proc/kallsyms"] = "ffffffff81000000 t f\n"u8.ToArray();
        BpfKProbeProgram program = Program("kprobe/f");

        BpfException refusal = Assert.ThrowsAny<BpfException>(() => program.Attach(function, new KProbeOptions { Method = ProbeMethod.TraceFs }));

        Assert.Equal(missing, refusal is BpfFeatureNotSupportedException);
        Assert.Empty(_kernel.Written);
        program.Unload();
    }

    [Theory]
    [InlineData(ProbeMethod.Automatic)]
    [InlineData(ProbeMethod.TraceFs)]
    public void A_NUL_in_a_target_is_rejected_by_every_method(ProbeMethod method)
    {
        BpfUProbeProgram program = UserProgram();

        BpfException refusal = Assert.Throws<BpfException>(() => program.Attach("/bin/a\0b", 0x12, new UProbeOptions { Method = method }));

        Assert.Contains("NUL", refusal.Message, StringComparison.Ordinal);
        program.Unload();
    }

    [Theory]
    [InlineData(Errno.EBUSY, "EBUSY")]
    [InlineData(Errno.EPERM, "EPERM")]
    public void A_removal_that_fails_is_logged_and_tried_again(int errno, string name)
    {
        BpfKProbeProgram program = Program("kprobe/f");
        BpfProgramLink link = program.Attach("f", new KProbeOptions { Method = ProbeMethod.TraceFs });
        string line = Assert.Single(_lists[KProbes]);
        lock (_lists)
        {
            _removals.Enqueue(-errno);
            _removals.Enqueue(-errno);
        }

        link.Dispose();

        Assert.Contains(Log(), text => text.StartsWith("Warning", StringComparison.Ordinal) && text.Contains(name, StringComparison.Ordinal) && text.Contains(line.Split(' ')[0][2..], StringComparison.Ordinal));
        Assert.True(SpinWait.SpinUntil(() => TraceFsRemovals.Count == 0, TimeSpan.FromSeconds(30)), "it is never tried again");
        Assert.Contains(Log(), static text => text.StartsWith("Information", StringComparison.Ordinal) && text.Contains("was removed", StringComparison.Ordinal));
        Assert.Empty(_lists[KProbes]);
        program.Unload();
    }

    [Fact]
    public void A_log_that_fails_does_not_end_the_process()
    {
        BpfKProbeProgram program = Program("kprobe/f", fails: true);
        BpfProgramLink link = program.Attach("f", new KProbeOptions { Method = ProbeMethod.TraceFs });
        _removals.Enqueue(-Errno.EBUSY);

        link.Dispose();

        Assert.True(SpinWait.SpinUntil(() => TraceFsRemovals.Count == 0, TimeSpan.FromSeconds(30)));
        program.Unload();
    }

    [Fact]
    public void An_event_that_is_already_gone_is_not_a_failure()
    {
        BpfKProbeProgram program = Program("kprobe/f");
        BpfProgramLink link = program.Attach("f", new KProbeOptions { Method = ProbeMethod.TraceFs });
        _lists[KProbes].Clear();

        link.Dispose();

        Assert.DoesNotContain(Log(), static text => text.StartsWith("Warning", StringComparison.Ordinal));
        program.Unload();
    }

    private string[] Log()
    {
        lock (_log)
        {
            return [.. _log];
        }
    }

    // As the kernel does: an event of that name gets the probe; a removal takes the probes of that name and place.
    private long? Write(string path, string text)
    {
        lock (_lists)
        {
            if (!_lists.TryGetValue(path, out List<string>? list))
            {
                return null;
            }

            string line = text.TrimEnd('\n');
            if (!line.StartsWith("-:", StringComparison.Ordinal))
            {
                list.Add(line);
                Publish();
                return text.Length;
            }

            if (_removals.TryDequeue(out long answer))
            {
                return answer;
            }

            int removed = list.RemoveAll(probe => probe[(probe.IndexOf(':', StringComparison.Ordinal) + 1)..] is var rest
                && (rest == line[2..] || rest.StartsWith(line[2..] + ' ', StringComparison.Ordinal)));
            Publish();
            return removed == 0 ? -Errno.ENOENT : text.Length;
        }
    }

    private void Publish()
    {
        foreach ((string path, List<string> list) in _lists)
        {
            _kernel.Files[path] = Encoding.UTF8.GetBytes(string.Concat(list.Select(static line => line + '\n')));
            foreach (string line in list)
            {
                string name = line.Split(' ')[0];
                _kernel.Files[$"{Root}/events/{name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..]}/id"] = "77\n"u8.ToArray();
            }
        }
    }

    private BpfKProbeProgram Program(string section, bool fails = false) => new(Descriptor(section, BpfProgramType.KProbe, fails));

    private BpfUProbeProgram UserProgram() => new(Descriptor("uprobe//bin/a:f", BpfProgramType.KProbe, fails: false));

    private BpfProgramDescriptor Descriptor(string section, BpfProgramType type, bool fails)
        => new(_kernel, "probe", type) { SectionName = section, Target = section[(section.IndexOf('/', StringComparison.Ordinal) + 1)..], Handle = _kernel.NewHandle(), Logger = new Recorder(_log, fails) };

    private sealed class Recorder(List<string> lines, bool fails) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
            {
                lines.Add($"{logLevel} {formatter(state, exception)}");
            }

            if (fails && eventId.Id == 61)
            {
                throw new InvalidOperationException("the log is full");
            }
        }
    }
}
