namespace Hypermesh.Bpf.Loading;

/// <summary>All of an object in one directory of the BPF file system: maps, those of its globals too, and programs, each under its name.</summary>
internal static class ObjectPinning
{
    /// <summary>Pins all, or nothing.</summary>
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
        foreach (BpfMapDescriptor map in parts.Maps.Values.Where(static map => map.IsCreated))
        {
            yield return (Path.Combine(directory, map.Name), map.Pin, map.Unpin);
        }

        // Globals of an arena have no map of their own; sections with a name of their own keep it whole; no pin may have a dot.
        foreach ((string section, BpfMapDescriptor map) in parts.SectionMaps.Where(entry => !parts.Maps.ContainsValue(entry.Value)))
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
