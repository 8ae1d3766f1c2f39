using System.Reflection;

namespace Hypermesh.Bpf;

/// <summary>A resource of a loaded assembly as memory: the image it lies in is mapped, so nothing is copied.</summary>
internal static class EmbeddedObject
{
    /// <summary>The resource for a machine's byte order: a file built with <c>Endianness="both"</c> has a second one.</summary>
    internal static string NameOf(string resourceName, bool isLittleEndian) => isLittleEndian ? resourceName : resourceName + ".be";

    internal static unsafe ReadOnlyMemory<byte> Open(Assembly assembly, string resourceName, string objectName)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        Stream stream = assembly.GetManifestResourceStream(resourceName)
            ?? throw new BpfException($"{assembly.GetName().Name} has no resource \"{resourceName}\" with the compiled object: build it anew.", objectName, null);
        if (stream is UnmanagedMemoryStream mapped)
        {
            return new ResourceMemory(mapped, (nint)mapped.PositionPointer, checked((int)mapped.Length)).Memory;
        }

        // Hosts that keep assemblies elsewhere than in memory of their own (collectible ones, single files) give a plain stream.
        using (stream)
        {
            byte[] image = new byte[stream.Length];
            stream.ReadExactly(image);
            return image;
        }
    }
}
