using Hypermesh.Bpf.Interop;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Loading;

/// <summary>A map that is to be found at a path of the BPF file system: taken from there, or created and pinned there.</summary>
internal sealed class PinnedMap(IKernel kernel, string objectName, string path, ILogger logger)
{
    internal BpfMapDescriptor OpenOrCreate(BpfMapDefinition definition)
    {
        if (TryOpen(definition) is { } found)
        {
            return found;
        }

        BpfMapDescriptor made = MapCreator.Create(kernel, definition, objectName, logger);
        try
        {
            long result = ObjectPins.TryPin(made.Created, path);
            if (result >= 0)
            {
                logger.MapPinned(definition.Name, path);
                return made;
            }

            // Another process was quicker: its map is the one.
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

    private BpfMapDescriptor? TryOpen(BpfMapDefinition wanted)
    {
        BpfHandle? handle = ObjectPins.TryOpen(kernel, path, out long result);
        if (handle is null)
        {
            return result == -Errno.ENOENT
                ? null
                : throw ObjectPins.Refused(kernel, BpfCommand.ObjectGet, result, $"Opening what is pinned at {path} for map {wanted.Name}", path, objectName, wanted.Name);
        }

        try
        {
            BpfMapDefinition found = MapDescriptions.Read(handle, wanted.Name, $"What is pinned at {path}");
            wanted = MapCreator.Normalize(kernel, wanted);
            if (MapDescriptions.Difference(wanted, found) is { } difference)
            {
                throw new BpfException(
                    $"Map {wanted.Name} of {objectName} is not the one pinned at {path}: that has {difference}. Remove the pin, or pin elsewhere.", objectName, wanted.Name);
            }

            logger.MapReused(wanted.Name, path);
            return new BpfMapDescriptor(kernel, found with { Inner = wanted.Inner, InnerMap = wanted.InnerMap }, handle, objectName);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
