using Hypermesh.Bpf.Metrics;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Compatibility;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Loading;

/// <summary>One reload: the new version is loaded beside the running one, its programs take the places of the old ones, and what is left of the old version ends. Until the first exchange nothing has changed.</summary>
internal sealed class Reloader
{
    private readonly BpfObject _live;
    private readonly BpfObjectSpec _next;
    private readonly ObjectParts _old;
    private readonly Dictionary<string, string> _changed = new(StringComparer.Ordinal);
    private readonly List<BpfProgramReload> _programs = [];
    private readonly Stack<Action> _undo = [];

    // The programs that are attached without their old dispatcher.
    private readonly HashSet<string> _undispatched = new(StringComparer.Ordinal);

    // Kinds whose link is a descriptor, of which a target takes several.
    private static readonly HashSet<BpfProgramType> s_overlapping =
        [BpfProgramType.Tracing, BpfProgramType.RawTracepoint, BpfProgramType.RawTracepointWritable, BpfProgramType.Tracepoint, BpfProgramType.KProbe, BpfProgramType.PerfEvent, BpfProgramType.Lsm, BpfProgramType.Netfilter];

    internal Reloader(BpfObject live, BpfObjectSpec next)
    {
        _live = live;
        _next = next;
        _old = live.Parts;
    }

    internal BpfReload Run()
    {
        Inheritance inheritance = Inherit();
        ObjectParts parts = ObjectLoader.LoadParts(_next, _live.Options.For(inheritance), _live.Logger);
        try
        {
            Exchange(parts);
        }
        catch (Exception reason)
        {
            Undo(reason);
            Teardown.Undo(reason, parts);
            throw;
        }

        // Programs of the old version may still run until then. Where the kernel has no such call (nohz_full), it holds what they use anyway.
        _live.Kernel.WaitForGracePeriod();
        return Commit(parts, inheritance);
    }

    // What is equal in both versions.
    private Inheritance Inherit()
    {
        var maps = new Dictionary<string, BpfMapHandle>(StringComparer.Ordinal);
        var sections = new Dictionary<string, BpfMapHandle>(StringComparer.Ordinal);
        BpfObjectSpec spec = _live.Spec;
        foreach (BpfMapSpec map in _next.Maps.Where(static map => map.Enabled))
        {
            if (spec.Maps.FirstOrDefault(one => one.Name == map.Name) is { } before && _old.Maps.GetValueOrDefault(map.Name) is { IsCreated: true } handle
                && IsEqual(map.Name, ObjectInterface.DifferencesOfMap(spec, _next, before, map) is { Count: > 0 } differences ? string.Join("; ", differences) : null))
            {
                maps.Add(map.Name, handle);
            }
        }

        foreach (BpfDataSectionSpec section in SectionsOf(_next).Where(static section => section.Arena is null))
        {
            if (SectionsOf(spec).FirstOrDefault(one => one.Name == section.Name) is { } before && _old.SectionMaps.GetValueOrDefault(section.Name) is { IsCreated: true } handle
                && IsEqual(section.Name, ObjectInterface.DifferenceOfSection(spec, _next, before, section)))
            {
                sections.Add(section.Name, handle);
            }
        }

        // A program keeps its dispatcher where the new one is for the same hook.
        HashSet<string> dispatched = [.. _old.Programs.Values.Where(program => program.Descriptor.Dispatcher is not null && HasSameSection(program)).Select(static program => program.Name)];
        return new Inheritance(maps, sections, dispatched);
    }

    private static IEnumerable<BpfDataSectionSpec> SectionsOf(BpfObjectSpec spec) => spec.DataSections.Append(spec.KernelConfig).OfType<BpfDataSectionSpec>();

    private bool HasSameSection(BpfProgram program) => _next.Programs.Any(one => one.Name == program.Name && one.Enabled && one.SectionName == program.SectionName);

    private bool IsEqual(string name, string? difference)
    {
        if (difference is not null)
        {
            _changed.Add(name, difference);
        }

        return difference is null;
    }

    private void Exchange(ObjectParts parts)
    {
        foreach (BpfProgram next in parts.Programs.Values)
        {
            _programs.Add(_old.Programs.TryGetValue(next.Name, out BpfProgram? old) && old.IsLoaded && next.IsLoaded ? Exchange(old, next) : Add(next));
        }

        foreach (BpfProgram old in _old.Programs.Values.Where(old => old.IsLoaded && parts.Programs.GetValueOrDefault(old.Name)?.IsLoaded != true))
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

        // Arrays that both versions share: calls go to the new programs from here on.
        InitialValues.FillProgramArrays(_next, parts, _live.Logger, map => _old.Maps.ContainsKey(map.Name) && !_changed.ContainsKey(map.Name));
        _undo.Push(() => InitialValues.FillProgramArrays(_live.Spec, _old, _live.Logger, static _ => true));
    }

    private BpfProgramReload Add(BpfProgram next)
    {
        // As the running version was attached: by its sections, or one by one.
        if (next.IsLoaded && _live.Links.Count > 0 && next.AutoAttach() is { } link)
        {
            _undo.Push(link.Dispose);
        }

        return new BpfProgramReload(next.Name, BpfReloadWay.Added, null);
    }

    private BpfProgramReload Exchange(BpfProgram old, BpfProgram next)
    {
        BpfHandle running = old.Attachable, coming = next.Attachable;
        bool isSameHook = Dispatcher.IsSameHook(old.Descriptor, next.Descriptor);
        if (isSameHook && old.Descriptor.Dispatcher is { } dispatcher && dispatcher.CanCall(next.Descriptor))
        {
            dispatcher.Call(next.Loaded, next.Name);
            _undo.Push(() => dispatcher.Call(old.Loaded, old.Name));
            return new BpfProgramReload(next.Name, old.Links.Count > 0 ? BpfReloadWay.Dispatched : BpfReloadWay.Detached, null);
        }

        if (old.Links.Count == 0)
        {
            return new BpfProgramReload(next.Name, BpfReloadWay.Detached, null);
        }

        if (!isSameHook)
        {
            return Move(old, next);
        }

        _undispatched.Add(old.Name);
        bool isUpdated = true;
        ulong? seenByBoth = 0;
        foreach (BpfProgramLink link in old.Links)
        {
            if (!TryUpdate(link, coming, running))
            {
                isUpdated = false;
                seenByBoth += Overlap(link, coming, running);
            }
        }

        return new BpfProgramReload(next.Name, isUpdated ? BpfReloadWay.LinkUpdated : BpfReloadWay.Overlapped, isUpdated ? null : seenByBoth);
    }

    // To the hook of its new section. The old links end with the old program.
    private BpfProgramReload Move(BpfProgram old, BpfProgram next)
    {
        BpfProgramLink link = next.AutoAttach() ?? throw new BpfException(
            $"Program {next.Name} of {_next.Name} is for another hook than the running one ({next.SectionName}, and it was {old.SectionName}), and its section names no target: detach it, and attach it after the reload.", _next.Name, next.Name);
        _undo.Push(link.Dispose);
        return new BpfProgramReload(next.Name, BpfReloadWay.Added, null);
    }

    // Whether the kernel has given the link the new program. It refuses where it cannot for this kind of link.
    private bool TryUpdate(BpfProgramLink link, BpfHandle coming, BpfHandle running)
    {
        if (link.Attached.LinkHandle is null)
        {
            return false;
        }

        const int NotSupported = 524;
        try
        {
            link.Exchange(coming, running, $"Exchanging {link.Program.Name} on {link.Target}");
        }
        catch (BpfSyscallException refused) when (refused.Errno is Errno.EINVAL or Errno.EOPNOTSUPP or NotSupported)
        {
            return false;
        }

        _undo.Push(() => link.Exchange(running, coming, $"Putting {link.Program.Name} on {link.Target} back"));
        return true;
    }

    // Both see what comes between the two calls: what the new one has run by the end of the old one is the most.
    private ulong? Overlap(BpfProgramLink link, BpfHandle coming, BpfHandle running)
    {
        if (!s_overlapping.Contains(link.Program.Type))
        {
            throw new BpfException($"Program {link.Program.Name} of {_next.Name} is attached to {link.Target} without a link, which cannot be given another program: detach it, reload, and attach it again.", _next.Name, link.Program.Name);
        }

        using IDisposable? counts = TryCount();
        ulong begin = KernelObjects.ObjectInfo.Program(coming).RunCnt;
        LinkResource before = link.Overlap(coming);
        _undo.Push(() => link.Overlap(running).Dispose());
        before.Dispose();
        return counts is null ? null : KernelObjects.ObjectInfo.Program(coming).RunCnt - begin;
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
        while (_undo.TryPop(out Action? step))
        {
            try
            {
                step();
            }
            catch (BpfException failed)
            {
                Teardown.Carry(reason, failed);
            }
        }
    }

    // Nothing can be refused from here on. What users hold stays what they hold: maps that are kept, programs and their links.
    private BpfReload Commit(ObjectParts parts, Inheritance inheritance)
    {
        var teardown = default(Teardown);
        teardown.End(_old.Meter);
        List<BpfMapReload> maps = [.. Settle(_old.Maps, parts.Maps, inheritance.Maps), .. Settle(_old.SectionMaps, parts.SectionMaps, inheritance.Sections)];
        foreach ((string name, BpfGlobalSection section) in _old.Sections.Where(one => parts.Sections.ContainsKey(one.Key)))
        {
            // Constants may have other values; generated code goes on with the section that it has.
            bool isKept = inheritance.Sections.ContainsKey(name);
            if (!isKept && HasSameVariables(name))
            {
                section.Become(parts.Sections[name]);
                isKept = true;
            }

            parts.Sections[name] = isKept ? section : parts.Sections[name];
        }

        foreach (BpfProgram old in _old.Programs.Values)
        {
            if (parts.Programs.GetValueOrDefault(old.Name) is not { } next || next.Links.Count > 0 || next.GetType() != old.GetType() || !old.IsLoaded || !next.IsLoaded)
            {
                // Removed, or attached on its own.
                teardown.Do(old, static old => old.Unload());
                continue;
            }

            bool keepsDispatcher = !_undispatched.Contains(old.Name) && next.Descriptor.Dispatcher is null;
            BpfProgramDescriptor replaced = old.Become(next.Descriptor with { ObjectMaps = parts.Maps, Dispatcher = keepsDispatcher ? old.Descriptor.Dispatcher : next.Descriptor.Dispatcher });
            teardown.End(keepsDispatcher ? null : replaced.Dispatcher);
            teardown.End(replaced.Handle);
            parts.Programs[old.Name] = old;
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

        parts.Meter = ObjectMeter.Create(_next, parts.Maps, parts.SectionMaps, parts.Sections, _live.Logger);
        _old.Become(parts);
        _live.Spec = _next;
        teardown.Report();
        return new BpfReload(_programs, maps);
    }

    private bool HasSameVariables(string name)
    {
        BpfDataSectionSpec now = SectionsOf(_next).First(section => section.Name == name), before = SectionsOf(_live.Spec).First(section => section.Name == name);
        return now.Size == before.Size && now.Variables.Select(Place).SequenceEqual(before.Variables.Select(Place));

        static (string, int, int) Place(BpfGlobalVariable variable) => (variable.Name, variable.Offset, variable.Size);
    }

    // Keeps the handles of maps that are kept, and puts those aside that are not.
    private IEnumerable<BpfMapReload> Settle(Dictionary<string, BpfMapHandle> old, Dictionary<string, BpfMapHandle> next, IReadOnlyDictionary<string, BpfMapHandle> kept)
    {
        foreach ((string name, BpfMapHandle duplicate) in next.ToArray())
        {
            if (kept.TryGetValue(name, out BpfMapHandle? handle))
            {
                duplicate.Dispose();
                next[name] = handle;
            }

            yield return new BpfMapReload(name, handle is not null, handle is not null ? null : _changed.GetValueOrDefault(name, "it is new"), handle is null ? Aside(old, name) : null);
        }

        foreach (string name in old.Keys.Where(name => !next.ContainsKey(name)))
        {
            yield return new BpfMapReload(name, false, "the new version does not have it", Aside(old, name));
        }
    }

    private BpfMapHandle? Aside(Dictionary<string, BpfMapHandle> old, string name)
    {
        if (old.GetValueOrDefault(name) is { IsCreated: true } map)
        {
            _old.Aside.Add(map);
            return map;
        }

        return null;
    }
}
