using System.Globalization;
using System.Runtime.InteropServices;
using Hypermesh.BpfSdk.Comments.Reading;

namespace Hypermesh.BpfSdk.Comments;

/// <summary>
/// Finds libclang: beside the clang that compiles, then by that clang's version through the system's loader, then the nearest other
/// version that the loader finds. If a path is given, only that library is used.
/// </summary>
internal sealed class LibClang(Request request)
{
    /// <summary>The oldest version that is accepted, as for clang itself.</summary>
    private const int Oldest = 16;

    /// <summary>How many versions around clang's own are tried.</summary>
    private const int Nearness = 8;

    private nint? _handle;

    /// <summary>Finds the library; 0 when there is none.</summary>
    public nint Handle => _handle ??= Find();

    /// <summary>Returns the message for a missing library.</summary>
    public string Missing
        => request.Library.Length > 0 ? $"{request.Library}, which BpfLibClangPath or HYPERMESH_BPF_LIBCLANG names, is not libclang {Oldest} or newer"
            : $"no libclang {Oldest} or newer was found, neither beside clang {request.Major} nor by the system's loader"
            + (request.Major > 0 ? $" (Debian, Ubuntu: apt install libclang1-{request.Major}; Fedora: clang-libs; Alpine: clang-libs; Arch: clang)" : "");

    private nint Find()
    {
        foreach (string name in request.Library.Length > 0 ? [request.Library] : BesideClang().Concat(ByVersion()))
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                if (MajorOf(library) >= Oldest)
                {
                    return library;
                }

                NativeLibrary.Free(library);
            }
        }

        return 0;
    }

    // clang's own headers are in lib/clang/VERSION; the library is in lib, on Windows in bin.
    private IEnumerable<string> BesideClang()
    {
        string? folder = request.Resources.Length > 0 ? Path.GetDirectoryName(Path.GetDirectoryName(request.Resources)) : null;
        if (folder is null || !Directory.Exists(folder))
        {
            return [];
        }

        string windows = Path.Combine(Path.GetDirectoryName(folder) ?? folder, "bin", "libclang.dll");
        return [.. Directory.EnumerateFiles(folder, "libclang*").Where(IsLibClang).Order(StringComparer.Ordinal), .. File.Exists(windows) ? [windows] : Array.Empty<string>()];
    }

    // Not libclang-cpp, whose functions are C++'s.
    private static bool IsLibClang(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith("libclang.so", StringComparison.Ordinal) || name == "libclang.dylib"
            || (name.StartsWith("libclang-", StringComparison.Ordinal) && name.Length > 9 && char.IsAsciiDigit(name[9]) && name.Contains(".so", StringComparison.Ordinal));
    }

    private IEnumerable<string> ByVersion()
    {
        for (int distance = 0; distance <= Nearness; distance++)
        {
            foreach (int major in distance == 0 ? [request.Major] : new[] { request.Major + distance, request.Major - distance })
            {
                if (major >= Oldest)
                {
                    string version = major.ToString(CultureInfo.InvariantCulture);
                    yield return $"libclang-{version}.so.{version}";
                    yield return $"libclang-{version}.so.1";
                    yield return $"libclang.so.{version}.1";
                    yield return $"libclang.so.{version}";
                }
            }
        }

        yield return "libclang.so";
        yield return "libclang";
    }

    // The version comes from the library itself, because a file name may have none.
    private static unsafe int MajorOf(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "clang_getClangVersion", out nint getVersion) || !NativeLibrary.TryGetExport(library, "clang_getCString", out nint getText)
            || !NativeLibrary.TryGetExport(library, "clang_disposeString", out nint dispose))
        {
            return 0;
        }

        CXString version = ((delegate* unmanaged[Cdecl]<CXString>)getVersion)();
        string text = Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<CXString, nint>)getText)(version)) ?? "";
        ((delegate* unmanaged[Cdecl]<CXString, void>)dispose)(version);
        const string Word = "version ";
        int start = text.IndexOf(Word, StringComparison.Ordinal);
        string number = start < 0 ? "" : new string([.. text.Skip(start + Word.Length).TakeWhile(char.IsAsciiDigit)]);
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : 0;
    }
}
