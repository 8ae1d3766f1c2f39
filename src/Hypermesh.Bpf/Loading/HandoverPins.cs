using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Hypermesh.Bpf.Handover;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Keeps the pins of an object in its folder, and the manifest. Whatever is pinned is in the manifest before, and leaves it afterwards: wherever the process ends, each pin is known to the next one.
/// Links are pinned after what they need: the kernel empties the array of a dispatcher that nobody holds.
/// </summary>
internal sealed class HandoverPins : ILinkKeeper, IDisposable
{
    // Their links take another program; those of all others need a dispatcher.
    private static readonly HashSet<BpfProgramType> s_updatable =
    [
        BpfProgramType.Xdp, BpfProgramType.SchedCls, BpfProgramType.CGroupSkb, BpfProgramType.CGroupSock, BpfProgramType.CGroupSockAddr, BpfProgramType.CGroupSockOpt,
        BpfProgramType.CGroupSysctl, BpfProgramType.CGroupDevice, BpfProgramType.SockOps, BpfProgramType.SkLookup, BpfProgramType.FlowDissector, BpfProgramType.SkSkb, BpfProgramType.SkMsg,
    ];

    private readonly Lock _gate = new();
    private readonly HandoverFolder _folder;
    private readonly List<HandoverPin> _pins = [];

    // What the version that is being loaded has added.
    private readonly HashSet<string> _coming = new(StringComparer.Ordinal);
    private HandoverManifest _manifest;
    private bool _isLeft;

    /// <param name="folder">The folder, which this owns.</param>
    /// <param name="objectName">The object's name.</param>
    /// <param name="found">What a predecessor has left; null for none.</param>
    internal HandoverPins(HandoverFolder folder, string objectName, HandoverManifest? found)
    {
        _folder = folder;
        using var self = Process.GetCurrentProcess();
        _manifest = new HandoverManifest(
            HandoverManifest.CurrentFormat, objectName, found?.Generation ?? 0, found is not null, new HandoverOwner(self.Id, self.ProcessName, SdkVersion), []);
        _pins.AddRange(found?.Pins ?? []);
    }

    internal static string SdkVersion { get; } = typeof(BpfObject).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Writes the manifest with this process as its owner: another one that finds the folder in use reports it.</summary>
    internal void Begin()
    {
        lock (_gate)
        {
            Write();
        }
    }

    /// <summary>Pins what a version has loaded, before it takes the place of another one.</summary>
    internal void Prepare(ObjectParts parts, ObjectVersion version)
    {
        lock (_gate)
        {
            _manifest = _manifest with { Generation = _manifest.Generation + 1 };
            List<(HandoverPin Pin, BpfHandle Handle)> coming = [.. NewMaps(parts, version), .. NewPrograms(parts)];

            _coming.UnionWith(coming.Select(static one => one.Pin.Pin));
            _pins.AddRange(coming.Select(static one => one.Pin));
            Write();
            foreach ((HandoverPin pin, BpfHandle handle) in coming)
            {
                _folder.Pin(pin.Pin, handle, $"{pin.Kind} {pin.Name}");
            }
        }
    }

    /// <summary>Removes the pins of a version that did not take the place of the running one.</summary>
    internal void Abandon()
    {
        lock (_gate)
        {
            foreach (HandoverPin pin in _pins.Where(pin => _coming.Contains(pin.Pin)).ToArray())
            {
                _folder.Remove(pin.Pin);
                _pins.Remove(pin);
            }

            _coming.Clear();
            Write();
        }
    }

    /// <summary>Makes what is in use what is pinned.</summary>
    internal void Complete(ObjectParts parts)
    {
        lock (_gate)
        {
            _coming.Clear();
            List<uint> lineage = [.. parts.Lineage.Handles.Select(static map => map.Id)];
            HashSet<uint> current = [.. parts.Maps.Values.Where(static map => map.IsCreated).Concat(parts.SectionMaps.Values).Select(static map => map.Id)], earlier = [.. lineage];
            HashSet<uint> programs = [], links = [], dispatching = [];
            foreach (BpfProgram program in parts.Programs.Values.Where(static program => program.IsLoaded))
            {
                programs.Add(program.Id);
                links.UnionWith(program.Links.Select(IdOf));
                if (program.Descriptor.Dispatcher is { } dispatcher)
                {
                    programs.Add(ObjectInfo.Program(dispatcher.Program).Id);
                    dispatching.UnionWith([dispatcher.Slot.Id, dispatcher.Misses.Id]);
                }
            }

            for (int i = 0; i < _pins.Count; i++)
            {
                uint id = _pins[i].Id;
                _pins[i] = _pins[i] with
                {
                    State = _pins[i].Kind switch
                    {
                        HandoverKind.Map or HandoverKind.Section => current.Contains(id) ? HandoverState.Current : earlier.Contains(id) ? HandoverState.Earlier : HandoverState.Going,
                        HandoverKind.Slot or HandoverKind.Misses => dispatching.Contains(id) ? HandoverState.Current : HandoverState.Going,
                        HandoverKind.Link => links.Contains(id) ? HandoverState.Current : HandoverState.Going,
                        _ => programs.Contains(id) ? HandoverState.Current : HandoverState.Going,
                    },
                };
            }

            // The next process reads earlier maps in this order, the newest last.
            HandoverPin[] ordered = [.. _pins.OrderBy(pin => pin.State == HandoverState.Earlier ? lineage.IndexOf(pin.Id) : -1)];
            _pins.Clear();
            _pins.AddRange(ordered);
            _manifest = _manifest with { IsComplete = true };
            Write();
            HandoverPin[] going = [.. _pins.Where(static pin => pin.State == HandoverState.Going).OrderByDescending(static pin => pin.Kind)];
            if (going.Length > 0)
            {
                Array.ForEach(going, pin => _folder.Remove(pin.Pin));
                _pins.RemoveAll(static pin => pin.State == HandoverState.Going);
                Write();
            }
        }
    }

    // 0 for one that is being detached.
    private static uint IdOf(BpfProgramLink link)
    {
        try
        {
            return link.IsAttached ? link.Id ?? 0 : 0;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    public void Attached(BpfProgramLink link)
    {
        lock (_gate)
        {
            if (_isLeft)
            {
                return;
            }

            Check(link);
            string prefix = $"link_{link.Program.Name}_", name = Enumerable.Range(0, int.MaxValue).Select(number => prefix + number.ToString(CultureInfo.InvariantCulture)).First(one => !_pins.Exists(pin => pin.Pin == one));
            _pins.Add(new HandoverPin(name, HandoverKind.Link, link.Program.Name, link.Id ?? 0, HandoverState.Coming) { Target = link.Target });
            Write();
            _folder.Pin(name, link.KernelHandle, $"the link of program {link.Program.Name} to {link.Target}");
            _pins[^1] = _pins[^1] with { State = HandoverState.Current };
            Write();
        }
    }

    public void Detached(BpfProgramLink link, uint id)
    {
        lock (_gate)
        {
            if (!_isLeft && _pins.Find(pin => pin.Kind == HandoverKind.Link && pin.Id == id) is { } pin)
            {
                _folder.Remove(pin.Pin);
                _pins.Remove(pin);
                Write();
            }
        }
    }

    /// <summary>Leaves everything to a successor: what ends from now on stays pinned.</summary>
    internal void Leave()
    {
        lock (_gate)
        {
            _isLeft = true;
        }
    }

    /// <summary>Removes all pins, and the folder: the object ends with this process.</summary>
    internal void Withdraw()
    {
        lock (_gate)
        {
            _folder.Clear(_manifest with { Pins = [.. _pins] });
            _folder.RemoveSelf();
            _pins.Clear();
            _isLeft = true;
        }
    }

    /// <summary>Gives up the lock.</summary>
    public void Dispose() => _folder.Dispose();

    private static void Check(BpfProgramLink link)
    {
        BpfProgram program = link.Program;
        string? why = link.Attached.LinkHandle is null ? "this kernel has no link for it that could be pinned (tracepoints, probes and perf events: 5.15; tp_btf and raw_tp always have one)"
            : program.Descriptor.Dispatcher is null && !s_updatable.Contains(program.Type) && program.Descriptor.AttachType is not (BpfAttachType.TraceIter or BpfAttachType.LsmCGroup)
                ? "neither can its link be given the program of a successor, nor does the kernel accept a dispatcher for it (sleepable programs: 7.2)" : null;
        if (why is not null)
        {
            throw new BpfException($"Program {program.Name} (SEC(\"{program.SectionName}\")) cannot be handed over: {why}. Load it without BpfLoadOptions.Handover, in an object of its own.", program.Descriptor.ObjectName, program.Name);
        }
    }

    private IEnumerable<(HandoverPin Pin, BpfHandle Handle)> NewMaps(ObjectParts parts, ObjectVersion version)
    {
        foreach ((string name, BpfMapHandle map) in parts.Maps.Where(one => one.Value.IsCreated && !IsPinned(one.Value, HandoverKind.Map)))
        {
            MapFacts facts = version.Map(name)!;
            yield return (new HandoverPin($"map_{name}_{_manifest.Generation}", HandoverKind.Map, name, map.Id, HandoverState.Coming)
            {
                Map = new RecordedMap(facts.Signature, facts.Key, facts.Value, facts.Fields, facts.Fault),
            }, map.Created);
        }

        foreach ((string name, BpfMapHandle map) in parts.SectionMaps.Where(one => !parts.Maps.ContainsValue(one.Value) && !IsPinned(one.Value, HandoverKind.Section)))
        {
            SectionFacts facts = version.Section(name)!;
            yield return (new HandoverPin($"data_{name.Trim('.').Replace('.', '_')}_{_manifest.Generation}", HandoverKind.Section, name, map.Id, HandoverState.Coming)
            {
                Section = new RecordedSection(facts.Signature, facts.IsReadOnly, parts.Sections.ContainsKey(name), facts.Fields, facts.Untagged, InitialOf(parts, name, facts)),
            }, map.Created);
        }
    }

    // Of sections whose values others take over; null where all of it is zero.
    private static byte[]? InitialOf(ObjectParts parts, string name, SectionFacts facts)
        => facts.Fields.Count > 0 && parts.Sections.GetValueOrDefault(name)?.Memory.Initial is { } initial && initial.AsSpan().ContainsAnyExcept((byte)0) ? initial : null;

    private bool IsPinned(BpfMapHandle map, HandoverKind kind) => map.Id is var id && _pins.Exists(pin => pin.Kind == kind && pin.Id == id);

    private IEnumerable<(HandoverPin Pin, BpfHandle Handle)> NewPrograms(ObjectParts parts)
    {
        foreach (BpfProgram program in parts.Programs.Values.Where(static program => program.IsLoaded))
        {
            BpfProgramDescriptor facts = program.Descriptor;
            Dispatcher? dispatcher = facts.Dispatcher;
            string name = $"{program.Name}_{_manifest.Generation}";
            if (dispatcher is not null)
            {
                yield return (new HandoverPin($"slot_{name}", HandoverKind.Slot, program.Name, dispatcher.Slot.Id, HandoverState.Coming), dispatcher.Slot.Created);
                yield return (new HandoverPin($"misses_{name}", HandoverKind.Misses, program.Name, dispatcher.Misses.Id, HandoverState.Coming), dispatcher.Misses.Created);
                yield return (new HandoverPin($"hook_{name}", HandoverKind.Dispatcher, program.Name, ObjectInfo.Program(dispatcher.Program).Id, HandoverState.Coming) { Program = Record(facts, dispatcher) }, dispatcher.Program);
            }

            yield return (new HandoverPin($"prog_{name}", HandoverKind.Program, program.Name, program.Id, HandoverState.Coming) { Program = Record(facts, dispatcher) }, program.Loaded);
        }
    }

    private static RecordedProgram Record(BpfProgramDescriptor facts, Dispatcher? dispatcher)
        => new(facts.SectionName, (uint)facts.Type, (uint)facts.AttachType, facts.AttachBtfId, facts.Target, (int)facts.Flags, facts.ContextEnd, dispatcher?.ContextEnd ?? 0);

    private void Write() => _folder.Write(_manifest = _manifest with { Pins = [.. _pins] });
}
