using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Metrics;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf.Loading;

/// <summary>Replaces a running version by a new one: loads the new programs beside the old ones, exchanges them, and frees what only the old version used. A failure restores the old version.</summary>
internal sealed class Reloader
{
    // Kinds whose link is a descriptor, of which a target takes several.
    private static readonly HashSet<BpfProgramType> s_overlapping =
        [BpfProgramType.Tracing, BpfProgramType.RawTracepoint, BpfProgramType.RawTracepointWritable, BpfProgramType.Tracepoint, BpfProgramType.KProbe, BpfProgramType.PerfEvent, BpfProgramType.Lsm, BpfProgramType.Netfilter];

    private readonly BpfObject _live;
    private readonly BpfObjectSpec _next;
    private readonly ObjectParts _old;
    private readonly ObjectVersion _version;
    private readonly SpecVersion _nextVersion;
    private readonly Dictionary<string, string> _changed = new(StringComparer.Ordinal);
    private readonly List<BpfProgramReload> _programs = [];
    private readonly Stack<Action> _undo = [];

    // Programs that are called by their old dispatcher, and those whose links stay.
    private readonly HashSet<string> _dispatched = new(StringComparer.Ordinal);
    private readonly HashSet<string> _exchanged = new(StringComparer.Ordinal);
    private readonly List<BpfProgramLink> _gone = [];

    internal Reloader(BpfObject live, BpfObjectSpec next)
    {
        _live = live;
        _next = next;
        _old = live.Parts;
        _version = live.Version;
        _nextVersion = new SpecVersion(next);
    }

    internal BpfReload Run()
    {
        Inheritance inheritance = Inherit();
        ObjectParts parts = ObjectLoader.LoadParts(_next, _live.Options.For(inheritance, _next), _live.Logger);
        _live.Keep(parts);
        BpfProgram[] held = [.. _old.Programs.Values];
        try
        {
            // Nothing is attached between the exchange and the end.
            Array.ForEach(held, static program => Monitor.Enter(program.Attaching));
            try
            {
                _live.Pins?.Prepare(parts, _nextVersion);
                Exchange(parts, inheritance);
            }
            catch (Exception reason)
            {
                Undo(reason);
                Teardown.Undo(reason, parts);
                Abandon(reason);
                _live.Logger.ReloadFailed(_live.Name, reason);
                throw;
            }

            // Programs of the old version may still run until then. Where the kernel has no such call (nohz_full), it holds what they use anyway.
            _live.Kernel.WaitForGracePeriod();
            return Commit(parts);
        }
        finally
        {
            Array.ForEach(held, static program => Monitor.Exit(program.Attaching));
        }
    }

    // What is equal in both versions, by what was loaded: a spec can be changed afterwards.
    private Inheritance Inherit()
    {
        var maps = new Dictionary<string, BpfMapHandle>(StringComparer.Ordinal);
        var sections = new Dictionary<string, BpfMapHandle>(StringComparer.Ordinal);
        var views = new Dictionary<string, BpfGlobalSection>(StringComparer.Ordinal);
        foreach (BpfMapSpec map in _next.Maps.Where(static map => map.Enabled))
        {
            // A map that is given to this process takes the place of the one that another has left.
            if (_version is RecordedVersion && _live.Options.ReplacedMaps.ContainsKey(map.Name))
            {
                continue;
            }

            if (_old.Maps.GetValueOrDefault(map.Name) is { IsCreated: true } handle
                && IsEqual(map.Name, _version.Difference(_next, map) ?? (handle.Definition.MaxEntries != Reported(map, handle) ? $"map '{map.Name}' has {map.MaxEntries} entries and had {handle.Definition.MaxEntries}" : null)))
            {
                maps.Add(map.Name, handle);
            }
            else if (_nextVersion.Map(map.Name) is { } facts && _old.Lineage.Find(map.Name, facts) is { } again)
            {
                maps.Add(map.Name, again);
            }
        }

        foreach (BpfDataSectionSpec section in _next.DataSections)
        {
            if (_old.SectionMaps.GetValueOrDefault(section.Name) is not { IsCreated: true } handle)
            {
                continue;
            }

            string? difference = _version.Difference(_next, section) ?? (section.IsReadOnly && !HasBytes(handle, section.Image) ? $"the constants in section '{section.Name}' have other values" : null);
            if (section.Arena is { } arena)
            {
                // It lies in the arena's memory.
                if (difference is not null && maps.Remove(arena.Name))
                {
                    _changed.TryAdd(arena.Name, difference);
                }
            }
            else if (IsEqual(section.Name, difference))
            {
                sections.Add(section.Name, handle);
            }
            else if (_nextVersion.Section(section.Name) is { } facts && _old.Lineage.Find(section, facts) is { } again)
            {
                sections.Add(section.Name, again.Map);
                views.Add(section.Name, BpfGlobalSection.Of(section.Name, again));
            }

            if (difference is null && _old.Sections.TryGetValue(section.Name, out BpfGlobalSection? view))
            {
                views.Add(section.Name, view);
            }
        }

        // A map of maps goes with the maps that the C puts into it.
        foreach (BpfMapSpec outer in _next.Maps.Where(map => maps.ContainsKey(map.Name) && map.Type is BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps))
        {
            if (outer.InitialValues.FirstOrDefault(value => !maps.ContainsKey(value.Target)) is { } changed)
            {
                maps.Remove(outer.Name);
                _changed.Add(outer.Name, $"its map '{changed.Target}' is another one");
            }
        }

        Dictionary<string, int> dispatched = _old.Programs.Values.Where(program => program.Descriptor.Dispatcher is not null && HasSameSection(program))
            .ToDictionary(static program => program.Name, static program => program.Descriptor.Dispatcher!.ContextEnd, StringComparer.Ordinal);
        return new Inheritance(maps, sections, views, dispatched);
    }

    // As the kernel has it: of a ring buffer in whole pages, of some types as many as there are CPUs.
    private uint Reported(BpfMapSpec map, BpfMapHandle handle)
        => Maps.MapCreator.Normalize(_live.Kernel, handle.Definition with { MaxEntries = map.MaxEntries }).MaxEntries;

    private static unsafe bool HasBytes(BpfMapHandle map, ReadOnlySpan<byte> image)
    {
        int key = 0;
        byte[] bytes = new byte[Math.Max(map.ValueSize, sizeof(ulong))];
        fixed (byte* into = bytes)
        {
            return Maps.MapCalls.Lookup(map, &key, into) >= 0 && bytes.AsSpan(0, map.ValueSize).SequenceEqual(image);
        }
    }

    private bool HasSameSection(BpfProgram program) => _next.Programs.Any(one => one.Name == program.Name && one.Enabled && one.SectionName == program.SectionName);

    private bool IsEqual(string name, string? difference)
    {
        if (difference is not null)
        {
            _changed.Add(name, difference);
        }

        return difference is null;
    }

    private void Exchange(ObjectParts parts, Inheritance inheritance)
    {
        foreach (BpfProgram next in parts.Programs.Values.Where(static next => next.IsLoaded && next.Type != BpfProgramType.StructOps))
        {
            _programs.Add(_old.Programs.TryGetValue(next.Name, out BpfProgram? old) && old.IsLoaded ? Exchange(old, next) : Add(next));
        }

        foreach (BpfProgram old in _old.Programs.Values.Where(old => old.IsLoaded && old.Type != BpfProgramType.StructOps && parts.Programs.GetValueOrDefault(old.Name)?.IsLoaded != true))
        {
            _programs.Add(new BpfProgramReload(old.Name, BpfReloadWay.Removed, null));
        }

        foreach (BpfStructOps next in parts.StructOps.Values)
        {
            if (_old.StructOps.GetValueOrDefault(next.Name) is { Link: { } link } old && next.Map.IsCreated)
            {
                link.Update(next);
                _undo.Push(() => link.Update(old));
            }
        }

        foreach (BpfMapSpec map in _next.Maps.Where(map => map.Type == BpfMapType.ProgArray && inheritance.Maps.ContainsKey(map.Name)))
        {
            Exchange(new BpfProgramArray(inheritance.Maps[map.Name]), map, parts);
        }
    }

    // Programs of the old version in an array that both versions share, put there by the C or at run time.
    private void Exchange(BpfProgramArray array, BpfMapSpec map, ObjectParts parts)
    {
        Dictionary<uint, BpfProgram> byId = _old.Programs.Values.Where(static program => program.IsLoaded).ToDictionary(static program => program.Id);
        for (int i = 0; i < array.MapHandle.MaxEntries; i++)
        {
            int index = i;
            if (array.TryGetProgramId(index, out uint id))
            {
                if (byId.TryGetValue(id, out BpfProgram? old))
                {
                    _undo.Push(() => array.Set(index, old));
                    Put(array, index, parts.Programs.GetValueOrDefault(old.Name));
                }
            }
            else if (map.InitialValues.FirstOrDefault(value => value.Index == index) is { } value && parts.Programs.GetValueOrDefault(value.Target) is { IsLoaded: true } added)
            {
                _undo.Push(() => array.Remove(index));
                Put(array, index, added);
            }
        }
    }

    private static void Put(BpfProgramArray array, int index, BpfProgram? program)
    {
        if (program is { IsLoaded: true })
        {
            array.Set(index, program);
        }
        else
        {
            array.Remove(index);
        }
    }

    private BpfProgramReload Add(BpfProgram next)
    {
        // As the running version was attached: by its sections, or one by one.
        if (_live.Links.Count > 0 && next.AutoAttach() is { } link)
        {
            _undo.Push(link.Dispose);
        }

        return new BpfProgramReload(next.Name, BpfReloadWay.Added, null);
    }

    private BpfProgramReload Exchange(BpfProgram old, BpfProgram next)
    {
        bool isSameHook = Dispatcher.IsSameHook(old.Descriptor, next.Descriptor);
        if (isSameHook && old.Descriptor.Dispatcher is { } dispatcher && dispatcher.CanCall(next.Descriptor))
        {
            dispatcher.Call(next.Loaded, next.Name);
            _undo.Push(() => dispatcher.Call(old.Loaded, old.Name));
            _dispatched.Add(old.Name);
            _exchanged.Add(old.Name);
            return new BpfProgramReload(next.Name, old.Links.Count > 0 ? BpfReloadWay.Dispatched : BpfReloadWay.Detached, null);
        }

        if (old.Links.Count == 0)
        {
            return new BpfProgramReload(next.Name, BpfReloadWay.Detached, null);
        }

        if (!isSameHook)
        {
            return Move(old, next, BpfReloadWay.Added);
        }

        // It reads farther than its dispatcher: one that does is attached with it.
        if (old.Descriptor.Dispatcher is not null && next.Descriptor.Dispatcher is not null)
        {
            return Move(old, next, BpfReloadWay.Overlapped);
        }

        bool isUpdated = true;
        ulong? seenByBoth = 0;
        foreach (BpfProgramLink link in old.Links.Where(static link => link.IsAttached))
        {
            if (!TryUpdate(link, next.Attachable, old.Attachable, out BpfSyscallException? refused))
            {
                isUpdated = false;
                seenByBoth += Overlap(link, next.Attachable, old.Attachable, refused);
            }
        }

        _exchanged.Add(old.Name);
        return new BpfProgramReload(next.Name, isUpdated ? BpfReloadWay.LinkUpdated : BpfReloadWay.Overlapped, isUpdated ? null : seenByBoth);
    }

    // To the hook of its section, by a new link. The old links end afterwards.
    private BpfProgramReload Move(BpfProgram old, BpfProgram next, BpfReloadWay way)
    {
        BpfProgramLink link = next.AutoAttach() ?? throw new BpfException(
            $"Program {next.Name} of {_next.Name} is for another hook than the running one (SEC(\"{next.SectionName}\"), and it was SEC(\"{old.SectionName}\")), and its section names no target: detach it, and attach it after the reload.", _next.Name, next.Name);
        _undo.Push(link.Dispose);
        return new BpfProgramReload(next.Name, way, null);
    }

    // Returns false where the kernel does not update links of this type.
    private bool TryUpdate(BpfProgramLink link, BpfHandle coming, BpfHandle running, out BpfSyscallException? refused)
    {
        refused = null;
        if (link.Attached.LinkHandle is null)
        {
            return false;
        }

        try
        {
            link.Exchange(coming, running, $"Exchanging {link.Program.Name} on {link.Target}");
        }
        catch (BpfSyscallException gone) when (gone.Errno == Errno.ENOLINK)
        {
            _gone.Add(link);
            return true;
        }
        catch (BpfSyscallException reason) when (reason.Errno is Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOTSUPP)
        {
            refused = reason;
            return false;
        }

        _undo.Push(() => link.Exchange(running, coming, $"Putting {link.Program.Name} on {link.Target} back"));
        return true;
    }

    // Both versions see the events between the two calls. The new program's run count when the old one is detached is the upper limit.
    private ulong? Overlap(BpfProgramLink link, BpfHandle coming, BpfHandle running, BpfSyscallException? refused)
    {
        if (!s_overlapping.Contains(link.Program.Type))
        {
            string why = refused is null ? "it is attached without a link" : "the kernel does not update this type of link";
            throw new BpfException($"Program {link.Program.Name} of {_next.Name} cannot be replaced on {link.Target}: {why}. Detach it before HotReload, and attach it afterwards.", _next.Name, link.Program.Name, refused);
        }

        using IDisposable? counts = TryCount();
        ulong begin = ObjectInfo.Program(coming).RunCnt;
        LinkResource before = link.Overlap(coming);
        _undo.Push(() => link.Overlap(running).Dispose());
        before.Dispose();
        return counts is null ? null : ObjectInfo.Program(coming).RunCnt - begin;
    }

    private IDisposable? TryCount()
    {
        try
        {
            return BpfStatistics.Enable(_live.Kernel);
        }
        catch (BpfSyscallException)
        {
            return null;
        }
    }

    private void Undo(Exception reason)
    {
        var teardown = default(Teardown);
        while (_undo.TryPop(out Action? step))
        {
            teardown.Do(step, static step => step());
        }

        teardown.AddTo(reason);
    }

    private void Abandon(Exception reason)
    {
        var teardown = default(Teardown);
        teardown.Do(this, static one => one._live.Pins?.Abandon());
        teardown.AddTo(reason);
    }

    // Nothing can be refused from here on. What users hold stays what they hold: maps that are kept, programs and their links. What other threads may be using ends with the next reload.
    private BpfReload Commit(ObjectParts parts)
    {
        var teardown = default(Teardown);
        teardown.End(_old.Meter);
        _old.Retired.ForEach(one => teardown.End(one));
        _old.Retired.Clear();
        List<BpfMapReload> maps = [.. Settle(_old.Maps, parts.Maps), .. SettleSections(parts)];
        _gone.ForEach(link => teardown.End(link));
        foreach (BpfProgram old in _old.Programs.Values)
        {
            if (parts.Programs.GetValueOrDefault(old.Name) is { } next && next.GetType() == old.GetType())
            {
                Become(old, next, parts, ref teardown);
            }
            else
            {
                teardown.Do(old, static old => old.Unload());
            }
        }

        foreach (BpfStructOps old in _old.StructOps.Values)
        {
            if (parts.StructOps.GetValueOrDefault(old.Name) is { } next && old.Link is { } link && link.StructOps == next)
            {
                link.MoveTo(next);
            }

            teardown.Do(old, static old => old.End());
            teardown.End(old.Map);
        }

        teardown.Do(parts, parts => parts.Meter = ObjectMeter.Create(_next, parts.Maps, parts.SectionMaps, parts.Sections, _live.Logger));
        _old.Become(parts);
        (_live.Spec, _live.Version) = (_next, _nextVersion);
        teardown.Do(this, static one => one._live.Pins?.Complete(one._old));
        _live.Logger.Reloaded(_live.Name, _programs.Count, maps.Count(static map => map.IsKept), maps.Count);
        teardown.Report();
        return new BpfReload(_programs, maps);
    }

    private void Become(BpfProgram old, BpfProgram next, ObjectParts parts, ref Teardown teardown)
    {
        if (!_exchanged.Contains(old.Name))
        {
            // It is attached elsewhere now, or not at all.
            foreach (BpfProgramLink link in old.Links)
            {
                teardown.End(link);
            }
        }

        bool keepsDispatcher = _dispatched.Contains(old.Name);
        Dispatcher? dispatcher = keepsDispatcher ? old.Descriptor.Dispatcher : next.Descriptor.Dispatcher;
        BpfProgramDescriptor replaced = old.Become(next.Descriptor with { ObjectMaps = parts.Maps, Dispatcher = dispatcher });
        foreach (BpfProgramLink link in next.Links)
        {
            link.MoveTo(old);
        }

        _old.Retired.AddRange(((IDisposable?[])[replaced.Handle, keepsDispatcher ? next.Descriptor.Dispatcher : replaced.Dispatcher]).OfType<IDisposable>());
        parts.Programs[old.Name] = old;
    }

    // Continues or puts aside the data sections that are not kept. Generated code goes on with the section that it has, which may have other constants, or its variables at other places.
    private IEnumerable<BpfMapReload> SettleSections(ObjectParts parts)
    {
        foreach (string name in parts.SectionMaps.Keys.Union(_old.SectionMaps.Keys, StringComparer.Ordinal))
        {
            bool isKept = parts.SectionMaps.TryGetValue(name, out BpfMapHandle? now) && _old.SectionMaps.GetValueOrDefault(name) == now;
            string? because = isKept ? null : now is null ? "the new version does not have it" : _changed.GetValueOrDefault(name, "it is new");
            bool isCarried = !isKept && Continue(name, parts, ref because);
            yield return new BpfMapReload(name, isKept, because, isKept || isCarried ? null : Aside(_old.SectionMaps, name)) { IsCarriedOver = isCarried };
        }
    }

    // Returns whether all variables have their values of before.
    private bool Continue(string name, ObjectParts parts, ref string? because)
    {
        (SectionFacts? before, SectionFacts? after) = (_version.Section(name), _nextVersion.Section(name));
        BpfGlobalSection? section = _old.Sections.GetValueOrDefault(name), next = parts.Sections.GetValueOrDefault(name);
        if (section is not null && before is not null)
        {
            _old.Lineage.Add(name, section.Memory, before);
        }

        if (next is null || after is null)
        {
            return false;
        }

        (bool isCarried, string? fault) = _old.Lineage.Continue(name, after, next.Memory);
        because += fault is null ? null : $"; {fault}";
        because += isCarried && before?.Untagged.Count > 0 ? $"; without a tag of hypermesh/reload.h: {string.Join(", ", before.Untagged)}" : null;
        // What another process has recorded was given to nobody here.
        if (section is not null && before is { Variables.Count: > 0 })
        {
            _old.Lineage.Show(name, section, before.Variables, next.Memory, after.Variables);
        }

        return isCarried && fault is null && before?.Untagged.Count is null or 0;
    }

    // Continues or puts aside the maps that are not kept.
    private IEnumerable<BpfMapReload> Settle(Dictionary<string, BpfMapHandle> old, Dictionary<string, BpfMapHandle> next)
    {
        foreach (string name in next.Keys.Union(old.Keys, StringComparer.Ordinal))
        {
            if (next.TryGetValue(name, out BpfMapHandle? now) && old.GetValueOrDefault(name) == now)
            {
                yield return new BpfMapReload(name, true, null, null);
                continue;
            }

            string because = now is null ? "the new version does not have it" : _changed.GetValueOrDefault(name, "it is new");
            yield return Continue(name, old.GetValueOrDefault(name), now, next) is { } lost
                ? new BpfMapReload(name, false, $"{because}{lost}", Aside(old, name))
                : new BpfMapReload(name, false, because, null) { IsCarriedOver = now?.Earlier is not null };
        }
    }

    // Returns why the values of before cannot be read in the new map, as the end of a sentence; null if they can, or there are none.
    private string? Continue(string name, BpfMapHandle? last, BpfMapHandle? now, Dictionary<string, BpfMapHandle> next)
    {
        (MapFacts? before, MapFacts? after) = (_version.Map(name), _nextVersion.Map(name));
        bool isTaken = last is { IsCreated: true } && before is not null && _old.Lineage.TryAdd(name, last, before);
        string? fault = isTaken ? null : before?.Fault;
        if (now is { IsCreated: true } && after is not null)
        {
            string? lost = _old.Lineage.Continue(name, after, now, last);
            if (isTaken && lost is null && before!.Value == after.Value && last!.Type == now.Type)
            {
                // Who holds the old one goes on with the new one.
                _old.Lineage.Exchange(last, now);
                next[name] = last;
            }

            fault ??= isTaken ? lost : null;
        }

        return last is not { IsCreated: true } ? null : fault is not null ? $"; {fault}" : isTaken && now is not null ? null : "";
    }

    private BpfMapHandle? Aside(Dictionary<string, BpfMapHandle> old, string name)
    {
        if (old.GetValueOrDefault(name) is not { IsCreated: true } map)
        {
            return null;
        }

        // The section of an arena has no map of its own, and the lineage keeps what a later version may read.
        if (!_old.Aside.Contains(map) && !_old.Lineage.Handles.Contains(map))
        {
            _old.Aside.Add(map);
        }

        return map;
    }
}
