using Hypermesh.Bpf.Globals;
using Hypermesh.Bpf.Handover;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Metrics;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Programs;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Loading;

/// <summary>Opens what a predecessor has left in its folder as the parts of a running object, which a new version then replaces.</summary>
internal sealed class Adoption(IKernel kernel, HandoverFolder folder, HandoverManifest manifest, ILogger logger)
{
    private static readonly Dictionary<HandoverKind, (ObjectKind Kind, Func<BpfHandle, uint> IdOf)> s_kinds = new()
    {
        [HandoverKind.Map] = (ObjectKind.Map, static handle => ObjectInfo.Map(handle).Id),
        [HandoverKind.Section] = (ObjectKind.Map, static handle => ObjectInfo.Map(handle).Id),
        [HandoverKind.Slot] = (ObjectKind.Map, static handle => ObjectInfo.Map(handle).Id),
        [HandoverKind.Misses] = (ObjectKind.Map, static handle => ObjectInfo.Map(handle).Id),
        [HandoverKind.Program] = (ObjectKind.Program, static handle => ObjectInfo.Program(handle).Id),
        [HandoverKind.Dispatcher] = (ObjectKind.Program, static handle => ObjectInfo.Program(handle).Id),
        [HandoverKind.Link] = (ObjectKind.Link, static handle => ObjectInfo.Link(handle).Id),
    };

    private readonly ObjectParts _parts = new();
    private readonly List<IDisposable> _opened = [];

    /// <summary>Loads an object into its folder: for the first time, or in place of the version that a predecessor has left.</summary>
    internal static BpfObject Load(IKernel kernel, BpfObjectSpec spec, BpfLoadOptions options, ILogger logger, Func<ObjectParts, BpfObject> create)
    {
        HandoverFolder folder = HandoverFolder.Open(kernel, options.Handover!, creates: true);
        try
        {
            HandoverManifest? found = folder.Read();
            Check(folder, found, spec);
            if (found is { IsComplete: false })
            {
                folder.Clear(found);
                found = null;
            }

            return found is null ? LoadFirst(folder, spec, options, logger, create) : new Adoption(kernel, folder, found, logger).Replace(spec, create);
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, folder);
            throw;
        }
    }

    private static BpfObject LoadFirst(HandoverFolder folder, BpfObjectSpec spec, BpfLoadOptions options, ILogger logger, Func<ObjectParts, BpfObject> create)
    {
        var pins = new HandoverPins(folder, spec.Name, null);
        pins.Begin();
        ObjectParts? parts = null;
        try
        {
            parts = ObjectLoader.LoadParts(spec, options, logger);
            pins.Prepare(parts, new SpecVersion(spec));
            parts.Meter = ObjectMeter.Create(spec, parts.Maps, parts.SectionMaps, parts.Sections, logger);
            BpfObject live = create(parts);
            live.Keep(pins);
            pins.Complete(parts);
            return live;
        }
        catch (Exception reason)
        {
            var teardown = default(Teardown);
            teardown.Do(pins, static pins => pins.Withdraw());
            teardown.AddTo(reason);
            Teardown.Undo(reason, parts);
            throw;
        }
    }

    private static void Check(HandoverFolder folder, HandoverManifest? found, BpfObjectSpec spec)
    {
        if (spec.StructOps.Count > 0 || spec.Maps.FirstOrDefault(static map => map.Type == BpfMapType.Arena) is not null)
        {
            throw new BpfException($"{spec.Name} cannot be handed over: {(spec.StructOps.Count > 0 ? "struct_ops maps belong to the process that registers them" : "an arena belongs to the process that maps it")}. Load it without BpfLoadOptions.Handover.", spec.Name, null);
        }

        string[] unknown = [.. folder.Names().Except(found?.Pins.Select(static pin => pin.Pin) ?? [], StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            throw new BpfException($"{folder.Path} has {string.Join(", ", unknown)}, which {(found is null ? "is not of this SDK" : "its manifest does not name")}: remove {(unknown.Length == 1 ? "it" : "them")}, or use another folder.", spec.Name, folder.Path);
        }

        if (found is not null && found.Object != spec.Name)
        {
            throw new BpfException($"{folder.Path} has object {found.Object}, and this one is {spec.Name}: use another folder, or remove what is there (hmbpf pin clean {folder.Path}).", spec.Name, folder.Path);
        }
    }

    private BpfObject Replace(BpfObjectSpec spec, Func<ObjectParts, BpfObject> create)
    {
        var pins = new HandoverPins(folder, spec.Name, manifest);
        try
        {
            pins.Begin();
            OpenMaps();
            var version = new RecordedVersion(manifest);
            foreach ((string name, BpfMapHandle map) in _parts.Maps)
            {
                _parts.Lineage.Continue(name, version.Map(name)!, map, null);
            }

            foreach ((string name, BpfGlobalSection section) in _parts.Sections)
            {
                _parts.Lineage.Continue(name, version.Section(name)!, section.Memory);
            }

            OpenPrograms();
            BpfObject live = create(_parts);
            live.Version = version;
            live.Keep(pins);
            live.Adopted = new Reloader(live, spec).Run();
            _opened.ForEach(static one => one.Dispose());
            foreach (BpfProgramLink link in live.Links)
            {
                link.Leave();
            }

            return live;
        }
        catch (Exception reason)
        {
            // What is pinned stays and runs on.
            pins.Leave();
            Teardown.Undo(reason, _parts);
            _opened.ForEach(one => Teardown.Undo(reason, one));
            throw;
        }
    }

    private void OpenMaps()
    {
        foreach (HandoverPin pin in manifest.Pins.Where(static pin => pin.Kind is HandoverKind.Map or HandoverKind.Section && pin.State != HandoverState.Going))
        {
            if (TryOpen(pin) is not { } handle)
            {
                continue;
            }

            BpfMapHandle map = Own(handle, pin.Name, pin.Pin);
            bool isCurrent = pin.State == HandoverState.Current;
            if (pin.Map is { } facts)
            {
                if (isCurrent)
                {
                    _parts.Maps.Add(pin.Name, map);
                }
                else if (!_parts.Lineage.TryAdd(pin.Name, map, new MapFacts(facts.Signature, facts.Key, facts.Value, facts.Fields, facts.Fault)))
                {
                    _opened.Add(map);
                }
            }
            else if (pin.Section is { } section)
            {
                _opened.Add(map);
                BpfGlobalSection? view = section.IsShared ? BpfGlobalSection.Open(pin.Name, map, section.IsReadOnly, section.Initial ?? new byte[map.ValueSize]) : null;
                if (isCurrent)
                {
                    _opened.Remove(map);
                    _parts.SectionMaps.Add(pin.Name, map);
                    if (view is not null)
                    {
                        _parts.Sections.Add(pin.Name, view);
                    }
                }
                else if (view is not null && section.Fields.Count > 0)
                {
                    _opened.Remove(map);
                    _parts.Lineage.Add(pin.Name, view.Memory, RecordedVersion.Of(section));
                }
            }
        }
    }

    private void OpenPrograms()
    {
        foreach (IGrouping<string, HandoverPin> pins in manifest.Pins.Where(static pin => pin.State != HandoverState.Going && pin.Kind is not (HandoverKind.Map or HandoverKind.Section)).GroupBy(static pin => pin.Name))
        {
            List<(BpfHandle Handle, string Target, uint Program)> links = [];
            foreach (HandoverPin pin in pins.Where(static pin => pin.Kind == HandoverKind.Link))
            {
                if (TryOpen(pin) is { } link)
                {
                    links.Add((link, pin.Target ?? "", ObjectInfo.Link(link).ProgId));
                }
            }

            // Where a predecessor ended between two versions, the links say which of them runs.
            List<(HandoverPin Pin, BpfHandle Handle)> programs = [.. Open(pins, HandoverKind.Program)], dispatchers = [.. Open(pins, HandoverKind.Dispatcher)];
            (HandoverPin Pin, BpfHandle Handle) dispatcher = dispatchers.Find(one => links.Exists(link => link.Program == one.Pin.Id)) is { Pin: not null } attached ? attached : dispatchers.LastOrDefault();
            (HandoverPin Pin, BpfHandle Handle) program = programs.Find(one => links.Exists(link => link.Program == one.Pin.Id)) is { Pin: not null } linked ? linked : programs.Find(static one => one.Pin.State == HandoverState.Current);
            program = program.Pin is null ? programs.LastOrDefault() : program;
            if (program.Pin?.Program is not { } facts)
            {
                continue;
            }

            Make(program, dispatcher, facts, links, Suffix(dispatcher.Pin));
        }

        // "hook_NAME_7" has "slot_NAME_7".
        static string Suffix(HandoverPin? pin) => pin is null ? "" : pin.Pin[pin.Pin.IndexOf('_', StringComparison.Ordinal)..];
    }

    private void Make((HandoverPin Pin, BpfHandle Handle) program, (HandoverPin Pin, BpfHandle Handle) dispatcher, RecordedProgram facts, List<(BpfHandle Handle, string Target, uint Program)> links, string suffix)
    {
        SectionDefinition section = SectionTable.Find(facts.Section);
        var descriptor = new BpfProgramDescriptor(kernel, program.Pin.Name, (BpfProgramType)facts.Type)
        {
            ObjectName = manifest.Object,
            SectionName = facts.Section,
            AttachType = (BpfAttachType)facts.AttachType,
            AttachBtfId = facts.BtfId,
            Target = facts.Target,
            Flags = (SectionFlags)facts.Flags,
            ContextEnd = facts.ContextEnd,
            Handle = program.Handle,
            Dispatcher = dispatcher.Pin is null ? null : DispatcherOf(dispatcher.Pin, dispatcher.Handle, suffix),
            Logger = logger,
        };
        BpfProgram made = ProgramFactory.Create(section.Attach, descriptor);
        _opened.Remove(program.Handle);
        _opened.Remove(dispatcher.Handle);
        _parts.Programs.Add(made.Name, made);
        foreach ((BpfHandle handle, string target, _) in links)
        {
            _opened.Remove(handle);
            made.TryAdopt(BpfProgramLink.Adopted(made, target, handle));
        }
    }

    private BpfMapHandle MapOf(HandoverKind kind, string name)
        => manifest.Pins.FirstOrDefault(pin => pin.Kind == kind && pin.Pin == name) is { } pin && TryOpen(pin) is { } handle ? Own(handle, name, name) : throw Unlike(name, "is not there");

    private BpfMapHandle Own(BpfHandle handle, string name, string pin)
    {
        _opened.Remove(handle);
        return MapDescriptions.Describe(handle, name, manifest.Object, $"{folder.Path}/{pin}");
    }

    private Dispatcher DispatcherOf(HandoverPin pin, BpfHandle program, string suffix)
    {
        BpfMapHandle slot = MapOf(HandoverKind.Slot, "slot" + suffix);
        _opened.Add(slot);
        BpfMapHandle misses = MapOf(HandoverKind.Misses, "misses" + suffix);
        _opened.Remove(slot);
        return new Dispatcher { Program = program, Slot = slot, Misses = misses, ContextEnd = pin.Program?.DispatcherEnd ?? 0 };
    }

    private List<(HandoverPin Pin, BpfHandle Handle)> Open(IEnumerable<HandoverPin> pins, HandoverKind kind)
    {
        List<(HandoverPin, BpfHandle)> opened = [];
        foreach (HandoverPin pin in pins.Where(pin => pin.Kind == kind))
        {
            if (TryOpen(pin) is { } handle)
            {
                opened.Add((pin, handle));
            }
        }

        return opened;
    }

    // Null where it may be missing. The kernel gives no ID twice, so an object with another one has been put there by someone else.
    private BpfHandle? TryOpen(HandoverPin pin)
    {
        BpfHandle? handle = folder.TryOpen(pin.Pin);
        if (handle is null)
        {
            return pin.State == HandoverState.Coming || pin.Kind == HandoverKind.Link ? null : throw Unlike(pin.Pin, "is not there");
        }

        (ObjectKind kind, Func<BpfHandle, uint> idOf) = s_kinds[pin.Kind];
        _opened.Add(handle);
        if (kind.Is(handle) && idOf(handle) == pin.Id)
        {
            return handle;
        }

        throw Unlike(pin.Pin, $"is not what this SDK had pinned there: it {(kind.Is(handle) ? $"has ID {idOf(handle)}, and not {pin.Id}" : $"is not a {kind}")}");
    }

    private BpfException Unlike(string pin, string what)
        => new($"{folder.Path}/{pin} {what}. Nothing was changed. Put it back, or remove all that lies there (hmbpf pin clean {folder.Path}), which detaches its programs.", manifest.Object, pin);
}
