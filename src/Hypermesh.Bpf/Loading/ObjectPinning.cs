using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Loading;

/// <summary>Pins an object in one directory of the BPF file system: maps, including those of data sections, and programs, each under its name.</summary>
internal static class ObjectPinning
{
    /// <summary>Pins everything, or nothing.</summary>
    internal static void Pin(ObjectParts parts, string directory)
    {
        var done = new Stack<Action>();
        try
        {
            foreach ((string path, Action<string> pin, Action<string> unpin) in All(parts, directory))
            {
                pin(path);
                done.Push(() => unpin(path));
            }
        }
        catch (Exception reason)
        {
            var teardown = default(Teardown);
            while (done.TryPop(out Action? undo))
            {
                teardown.Do(undo, static undo => undo());
            }

            teardown.AddTo(reason);
            throw;
        }
    }

    /// <summary>Removes all pins. A pin that cannot be removed does not stop the others; failures are reported at the end.</summary>
    internal static void Unpin(ObjectParts parts, string directory)
    {
        var teardown = default(Teardown);
        foreach ((string path, _, Action<string> unpin) in All(parts, directory))
        {
            teardown.Do((path, unpin), static name => name.unpin(name.path));
        }

        teardown.ReportFirst();
    }

    private static IEnumerable<(string Path, Action<string> Pin, Action<string> Unpin)> All(ObjectParts parts, string directory)
    {
        foreach (BpfMapHandle map in parts.Maps.Values.Where(static map => map.IsCreated))
        {
            yield return (Path.Combine(directory, map.Name), map.Pin, map.Unpin);
        }

        // Data sections of an arena have no map of their own; sections with a custom name keep the whole name; a pin cannot have a dot.
        foreach ((string section, BpfMapHandle map) in parts.SectionMaps.Where(entry => !parts.Maps.ContainsValue(entry.Value)))
        {
            string name = map.Name.StartsWith('.') ? section : map.Name;
            yield return (Path.Combine(directory, name.Replace('.', '_')), map.Pin, map.Unpin);
        }

        foreach (BpfProgram program in parts.Programs.Values.Where(static program => program.IsLoaded))
        {
            yield return (Path.Combine(directory, program.Name), program.Pin, program.Unpin);
        }
    }
}

/// <summary>A map with a pin path in the BPF file system: it is opened there, or created and pinned there.</summary>
internal sealed class PinnedMap(IKernel kernel, string objectName, string path, ILogger logger)
{
    internal BpfMapHandle OpenOrCreate(BpfMapDefinition definition)
    {
        if (TryOpen(definition) is { } found)
        {
            return found;
        }

        BpfMapHandle made = MapCreator.Create(kernel, definition, objectName, logger);
        try
        {
            long result = ObjectPins.TryPin(made.Created, path);
            if (result >= 0)
            {
                logger.MapPinned(definition.Name, path);
                return made;
            }

            // Another process was faster: use its map.
            if (result == -Errno.EEXIST && TryOpen(definition) is { } theirs)
            {
                made.Dispose();
                return theirs;
            }

            throw ObjectPins.Refused(kernel, BpfCommand.ObjectPin, result, $"Pinning map {definition.Name} at {path}", path, objectName, definition.Name);
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    private BpfMapHandle? TryOpen(BpfMapDefinition wanted)
    {
        BpfHandle? handle = ObjectPins.TryOpen(kernel, path, out long result);
        if (handle is null)
        {
            return result == -Errno.ENOENT
                ? null
                : throw ObjectPins.Refused(kernel, BpfCommand.ObjectGet, result, $"Opening the pin {path} for map {wanted.Name}", path, objectName, wanted.Name);
        }

        try
        {
            BpfMapDefinition found = MapDescriptions.Read(handle, wanted.Name, $"The object pinned at {path}");
            wanted = MapCreator.Normalize(kernel, wanted);
            if (MapDescriptions.Difference(wanted, found) is { } difference)
            {
                throw new BpfException(
                    $"Map {wanted.Name} of {objectName} differs from the map pinned at {path}, which has {difference}. Remove the pin, or use another path.", objectName, wanted.Name);
            }

            logger.MapReused(wanted.Name, path);
            return new BpfMapHandle(kernel, found with { Inner = wanted.Inner, InnerMap = wanted.InnerMap }, handle, objectName);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
