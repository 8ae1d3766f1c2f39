using System.Reflection;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Benchmarks.Reference;

/// <summary>
/// libbpf 1.7 as <c>tests/reference</c> builds it, called through P/Invoke: the baseline. Its callback is native (<c>tests/reference/bench.c</c>), so that the way back
/// into managed code is not held against it; what a .NET program would give it, a callback into managed code, is measured beside that.
/// </summary>
internal static unsafe partial class ReferenceLibrary
{
    private const string Library = "hmreference";

    static ReferenceLibrary() => NativeLibrary.SetDllImportResolver(typeof(ReferenceLibrary).Assembly, Resolve);

    [LibraryImport(Library, EntryPoint = "bpf_map_lookup_elem")]
    internal static partial int Lookup(int map, void* key, void* value);

    [LibraryImport(Library, EntryPoint = "bpf_map_lookup_batch")]
    internal static partial int LookupBatch(int map, void* cursorIn, void* cursorOut, void* keys, void* values, uint* count, void* options);

    /// <summary>A ring buffer whose callback adds up the records' first words.</summary>
    [LibraryImport(Library, EntryPoint = "hm_ring_open")]
    internal static partial nint OpenRing(int map);

    /// <summary>Reads all there is; the number of records.</summary>
    [LibraryImport(Library, EntryPoint = "hm_ring_consume")]
    internal static partial long ConsumeRing(nint ring, ulong* sum);

    [LibraryImport(Library, EntryPoint = "hm_ring_close")]
    internal static partial void CloseRing(nint ring);

    /// <summary>A ring buffer of libbpf's with a callback of the caller's.</summary>
    [LibraryImport(Library, EntryPoint = "ring_buffer__new")]
    internal static partial nint NewRing(int map, delegate* unmanaged[Cdecl]<void*, void*, nuint, int> callback, void* context, void* options);

    [LibraryImport(Library, EntryPoint = "ring_buffer__consume")]
    internal static partial int ConsumeNewRing(nint ring);

    [LibraryImport(Library, EntryPoint = "ring_buffer__free")]
    internal static partial void FreeNewRing(nint ring);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? paths)
    {
        if (name != Library)
        {
            return 0;
        }

        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string file = Path.Combine(folder, "reference", "libhmreference.so");
            if (File.Exists(file))
            {
                return NativeLibrary.Load(file);
            }
        }

        throw new DllNotFoundException("The reference loader is not built: run tests/reference/build.sh first.");
    }
}
