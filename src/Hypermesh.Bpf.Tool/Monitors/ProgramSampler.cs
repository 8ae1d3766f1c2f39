using System.Diagnostics;
using System.Globalization;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>Samples the run statistics of all BPF programs of the machine. The kernel measures only while one exists.</summary>
internal sealed class ProgramSampler : IDisposable
{
    private static readonly TimeSpan s_ownersAreNew = TimeSpan.FromSeconds(10);

    private readonly IDisposable? _statistics;
    private readonly string? _refusal;
    private readonly Dictionary<uint, string> _ours = [];
    private readonly Dictionary<uint, (ulong Runs, ulong Ns)> _last = [];
    private readonly Dictionary<uint, Facts> _facts = [];
    private long _lastTime;
    private long _ownersRead;

    internal ProgramSampler()
    {
        try
        {
            _statistics = BpfStatistics.Enable();
        }
        catch (BpfException exception)
        {
            _refusal = exception.Message;
        }
    }

    /// <summary>Why nothing is measured; null when it is.</summary>
    internal string? Refusal => _refusal;

    public void Dispose() => _statistics?.Dispose();

    /// <summary>Reads what all programs did since the previous call.</summary>
    /// <param name="monitors">The monitors, whose programs are marked.</param>
    internal ProgramsSnapshot Sample(IEnumerable<MonitorSlot> monitors)
    {
        if (_refusal is not null)
        {
            return new ProgramsSnapshot([], 0, null, _refusal);
        }

        IReadOnlyList<BpfProgramInfo> infos;
        try
        {
            infos = BpfProgramInfo.List();
        }
        catch (BpfException exception)
        {
            return new ProgramsSnapshot([], 0, null, exception.Message);
        }

        foreach (MonitorSlot slot in monitors)
        {
            foreach (BpfProgram program in slot.Monitor?.Programs ?? [])
            {
                _ours[program.Id] = slot.Name;
            }
        }

        long now = Stopwatch.GetTimestamp();
        double seconds = _lastTime == 0 ? 0 : Stopwatch.GetElapsedTime(_lastTime, now).TotalSeconds;
        _lastTime = now;
        ReadFacts(infos);
        var programs = new List<ProgramCost>(infos.Count);
        foreach (BpfProgramInfo info in infos)
        {
            // A program that was loaded meanwhile has run since then only.
            (ulong runs, ulong ns) = _last.TryGetValue(info.Id, out (ulong Runs, ulong Ns) last) || seconds == 0 ? last : default;
            Facts facts = _facts[info.Id];
            string? monitor = _ours.GetValueOrDefault(info.Id);
            programs.Add(new ProgramCost(
                info.Id, info.Name, info.Type.ToString(), monitor ?? facts.Owner, monitor is not null, info.RunCount - runs, info.RunTimeNs - ns, info.RecursionMisses, facts.Bytes));
            _last[info.Id] = (info.RunCount, info.RunTimeNs);
        }

        ulong? bytes = null;
        foreach (ulong one in _facts.Values.SelectMany(static facts => facts.Maps).DistinctBy(static map => map.Key).Select(static map => map.Value))
        {
            bytes = (bytes ?? 0) + one;
        }

        return new ProgramsSnapshot(programs, seconds, bytes, null);
    }

    private void ReadFacts(IReadOnlyList<BpfProgramInfo> infos)
    {
        foreach (uint gone in _facts.Keys.Except(infos.Select(static info => info.Id)).ToArray())
        {
            _facts.Remove(gone);
            _last.Remove(gone);
        }

        bool isDue = _ownersRead == 0 || Stopwatch.GetElapsedTime(_ownersRead) > s_ownersAreNew;
        if (!isDue && infos.All(info => _facts.ContainsKey(info.Id)))
        {
            return;
        }

        _ownersRead = Stopwatch.GetTimestamp();
        Dictionary<uint, string> owners = ProgramOwners.Read();
        foreach (BpfProgramInfo info in infos)
        {
            _facts[info.Id] = new Facts(owners.GetValueOrDefault(info.Id, ""), MapsOf(info));
        }
    }

    private static Dictionary<uint, ulong> MapsOf(BpfProgramInfo info)
    {
        var maps = new Dictionary<uint, ulong>();
        try
        {
            using BpfOpenedProgram program = BpfOpenedProgram.OpenId(info.Id);
            foreach (uint id in program.ReadMapIds())
            {
                using BpfMapHandle map = BpfMapHandle.OpenId(id);
                maps[id] = Memory.Of(map);
            }
        }
        catch (BpfException)
        {
            // The program or one of its maps is gone, or cannot be opened: what is known of it is shown.
        }

        return maps;
    }

    /// <summary>What is known of a program beside its statistics.</summary>
    private sealed record Facts(string Owner, Dictionary<uint, ulong> Maps)
    {
        internal ulong? Bytes => Maps.Count == 0 ? null : Maps.Values.Aggregate(0UL, static (sum, one) => sum + one);
    }
}

/// <summary>The memory of BPF objects, as the kernel accounts for it (<c>memlock</c>): before 6.4 an estimate for maps.</summary>
internal static class Memory
{
    internal static ulong Of(BpfMapHandle map) => Number(DescriptorFacts.Find(map.Created, "memlock"));

    internal static ulong Of(BpfProgram program) => Number(DescriptorFacts.Find(program.Loaded, "memlock"));

    private static ulong Number(string? text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : 0;
}
