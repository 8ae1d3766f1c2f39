using System.Globalization;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tool.Llvm;

/// <summary>Finds libLLVM: the one that HYPERMESH_BPF_LIBLLVM names, else the newest that the system's loader finds.</summary>
internal static class LibLlvm
{
    private const int Oldest = 16;
    private const int Newest = 40;

    private static readonly Lazy<nint> s_library = new(Find);

    /// <summary>Makes <see cref="LLVM"/> use the library.</summary>
    /// <returns>Its version.</returns>
    /// <exception cref="BpfException">There is none.</exception>
    internal static unsafe string Load()
    {
        if (s_library.Value == 0)
        {
            throw new BpfException($"there is no libLLVM {Oldest} or newer (Debian, Ubuntu: apt install libllvm19; Fedora: llvm-libs; Alpine: llvm-libs; Arch: llvm-libs).");
        }

        LLVM.ResolveLibrary += static (_, _, _) => s_library.Value;
        uint major;
        uint minor;
        uint patch;
        LLVM.GetVersion(&major, &minor, &patch);
        return string.Create(CultureInfo.InvariantCulture, $"{major}.{minor}.{patch}");
    }

    private static nint Find()
    {
        string? named = Environment.GetEnvironmentVariable("HYPERMESH_BPF_LIBLLVM");
        IEnumerable<string> names = string.IsNullOrEmpty(named) ? Names() : [named];
        foreach (string name in names)
        {
            // Both functions exist in LLVM 16, the oldest version that is accepted.
            if (NativeLibrary.TryLoad(name, out nint library) && NativeLibrary.TryGetExport(library, "LLVMInitializeBPFDisassembler", out _)
                && NativeLibrary.TryGetExport(library, "LLVMGetVersion", out _))
            {
                return library;
            }
        }

        return 0;
    }

    private static IEnumerable<string> Names()
    {
        for (int major = Newest; major >= Oldest; major--)
        {
            yield return $"libLLVM.so.{major}.1";
            yield return $"libLLVM-{major}.so.1";
            yield return $"libLLVM-{major}.so";
        }

        yield return "libLLVM";
        yield return "LLVM-C";
    }
}
