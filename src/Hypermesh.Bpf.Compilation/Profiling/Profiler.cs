using System.Globalization;
using Hypermesh.Bpf.Compilation.Symbols;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Compilation.Profiling;

/// <summary>What is profiled.</summary>
/// <param name="Hertz">How many samples a second are taken of each CPU.</param>
/// <param name="OffCpu">Whether the time off the CPU is measured, in place of samples.</param>
/// <param name="Process">The only process; null for all.</param>
internal sealed record ProfileOptions(int Hertz, bool OffCpu, int? Process);

/// <summary>A stack, and how much was found of it.</summary>
/// <param name="Process">The process.</param>
/// <param name="Command">The name of the thread.</param>
/// <param name="Frames">The functions, from the outermost on.</param>
/// <param name="Amount">Samples, or nanoseconds off the CPU.</param>
internal sealed record ProfiledStack(int Process, string Command, IReadOnlyList<string> Frames, long Amount);

/// <summary>The stacks of a profile.</summary>
/// <param name="Stacks">The stacks, those with the greatest amount first.</param>
/// <param name="Lost">The amount for which a map had no room.</param>
/// <param name="WithoutStack">The amount whose stack could not be kept, since another one had its place.</param>
/// <param name="Frames">The number of different frames.</param>
/// <param name="WithoutName">How many of them have no name.</param>
internal sealed record Profile(IReadOnlyList<ProfiledStack> Stacks, long Lost, long WithoutStack, int Frames, int WithoutName)
{
    internal long Total => Stacks.Sum(static one => one.Amount);
}

/// <summary>Samples stacks of all CPUs, or measures how long threads are off them. Requires CAP_BPF and CAP_PERFMON; names of the kernel's functions CAP_SYSLOG, of other users' processes CAP_SYS_PTRACE.</summary>
internal sealed class Profiler : IDisposable
{
    private readonly ProfileSkeleton _live;
    private readonly BpfProgramLink _link;
    private readonly Dictionary<int, ProcessFunctionNames> _processes = [];
    private readonly Dictionary<string, BinaryFunctionNames?> _files = new(StringComparer.Ordinal);

    private Profiler(ProfileSkeleton live, BpfProgramLink link)
    {
        _live = live;
        _link = link;
    }

    /// <summary>Loads and attaches.</summary>
    /// <exception cref="BpfException">The kernel rejects it.</exception>
    internal static Profiler Start(ProfileOptions options)
    {
        ProfileSkeleton.Spec spec = ProfileSkeleton.Open();
        spec.Globals.Process = (uint)(options.Process ?? 0);
        spec.Programs.OnSample.Enabled = !options.OffCpu;
        spec.Programs.OnSwitch.Enabled = options.OffCpu;
        if (!options.OffCpu)
        {
            spec.Maps.OffCpu.MaxEntries = 1;
        }

        ProfileSkeleton live = spec.Load();
        try
        {
            return new Profiler(live, options.OffCpu
                ? live.Programs.OnSwitch.Attach()
                : live.Programs.OnSample.Attach(PerfEventSource.Software(PerfSoftwareEvent.CpuClock).PerSecond((ulong)options.Hertz), PerfEventTarget.AllCpus));
        }
        catch
        {
            live.Dispose();
            throw;
        }
    }

    /// <summary>Reads what the processes that were seen have loaded, before they end. Call it about once a second.</summary>
    internal void Watch()
    {
        // A process has many stacks, and is read once.
        var seen = new HashSet<int>();
        foreach ((ProfileSkeleton.Place place, ulong _) in _live.Maps.Amounts)
        {
            seen.Add((int)place.Process);
        }

        foreach (int process in seen)
        {
            if (_processes.TryGetValue(process, out ProcessFunctionNames? known))
            {
                known.Refresh();
            }
            else
            {
                _processes.Add(process, new ProcessFunctionNames(process, _files));
            }
        }
    }

    /// <summary>Detaches, and names the functions.</summary>
    internal Profile Finish()
    {
        _link.Dispose();
        Watch();
        var names = new FrameNames(KernelFunctionNames.Read(), _processes);
        var stacks = new Dictionary<(int, string, string), ProfiledStack>();
        long withoutStack = 0;
        foreach ((ProfileSkeleton.Place place, ulong amount) in _live.Maps.Amounts)
        {
            withoutStack += place.KernelStack == -Errno.EEXIST || place.UserStack == -Errno.EEXIST ? (long)amount : 0;
            string[] frames = [.. Addresses(place.UserStack).Select(address => names.OfProcess((int)place.Process, address)), .. KernelFrames(place.KernelStack, names)];
            string command = $"{place.Command}";
            var key = ((int)place.Process, command, string.Join(';', frames));
            stacks[key] = stacks.TryGetValue(key, out ProfiledStack? same) ? same with { Amount = same.Amount + (long)amount } : new((int)place.Process, command, frames, (long)amount);
        }

        return new Profile([.. stacks.Values.OrderByDescending(static one => one.Amount)], (long)_live.Globals.Lost, withoutStack, names.Count, names.WithoutName);
    }

    public void Dispose() => _live.Dispose();

    private IEnumerable<string> KernelFrames(int stack, FrameNames names)
        => Addresses(stack).Select(names.OfKernel).Reverse().SkipWhile(KernelFunctionNames.IsOfTracing).Reverse();

    // From the outermost on.
    private ulong[] Addresses(int stack)
    {
        if (stack < 0)
        {
            return [];
        }

        ulong[] frames = new ulong[_live.Maps.Stacks.MaxDepth];
        if (!_live.Maps.Stacks.TryGet(stack, frames, out int count))
        {
            return [];
        }

        Array.Resize(ref frames, count);
        Array.Reverse(frames);
        return frames;
    }

    /// <summary>The names of frames, each looked up once.</summary>
    private sealed class FrameNames(KernelFunctionNames kernel, Dictionary<int, ProcessFunctionNames> processes)
    {
        private readonly Dictionary<(int Process, ulong Address), string> _names = [];

        internal int Count => _names.Count;

        internal int WithoutName { get; private set; }

        internal string OfKernel(ulong address) => Get(0, address, kernel.Find(address)?.Name, "kernel");

        internal string OfProcess(int process, ulong address)
        {
            if (_names.TryGetValue((process, address), out string? known))
            {
                return known;
            }

            (string? name, string? file) = processes.TryGetValue(process, out ProcessFunctionNames? functions) ? functions.Find(address) : (null, null);
            return Get(process, address, name, file is null ? "unknown" : Path.GetFileName(file.Trim('[', ']')));
        }

        private string Get(int process, ulong address, string? name, string place)
        {
            if (!_names.TryGetValue((process, address), out string? known))
            {
                WithoutName += name is null ? 1 : 0;
                known = (name ?? string.Create(CultureInfo.InvariantCulture, $"[{place}]")).Replace(';', ':');
                _names.Add((process, address), known);
            }

            return known;
        }
    }
}
