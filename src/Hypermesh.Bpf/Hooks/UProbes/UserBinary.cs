using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Objects.Executables;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.UProbes;

/// <summary>A user program or library, opened for reading.</summary>
internal sealed class UserBinary : IDisposable
{
    private readonly BpfHandle _handle;

    private UserBinary(BpfHandle handle, string path, BinaryFile file)
    {
        _handle = handle;
        Path = path;
        File = file;
    }

    internal string Path { get; }

    internal BinaryFile File { get; }

    internal static UserBinary Open(in LinkRequest request, string name)
    {
        string path = UserPath.Resolve(request, name);
        long opened = request.Kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        if (opened < 0)
        {
            throw opened == -Errno.ENOENT
                ? request.Absent($"File {path}", "to exist in this process's mount namespace; the files of another mount namespace are under /proc/PID/root", "open", Errno.ENOENT)
                : request.Error($"open {path}", opened);
        }

        var handle = new BpfHandle(request.Kernel, opened);
        try
        {
            long length = Math.Max(0, request.Kernel.FileSize((int)opened));
            return new UserBinary(handle, path, BinaryFile.Read((offset, into) => Read(handle, path, offset, into), 0, length, path));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The offset of a function in the file.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">There is no function with that name.</exception>
    internal ulong Find(in LinkRequest request, string function)
    {
        if (BinarySymbols.Find(File, function) is { } offset)
        {
            return offset;
        }

        IReadOnlyList<string> near = BinarySymbols.Near(File, function);
        throw request.Absent(
            $"Function {function} of {Path}",
            near.Count > 0 ? $"a file that has it; near names there: {string.Join(", ", near)}" : "a file that has it; if this one is stripped of its symbols, attach by offset",
            "symbols", Errno.ENOENT);
    }

    public void Dispose() => _handle.Dispose();

    private static void Read(BpfHandle handle, string path, long offset, Span<byte> into)
    {
        using HandleUse use = handle.Use();
        int done = 0;
        while (done < into.Length)
        {
            long read = handle.Kernel.ReadAt(use.Descriptor, into[done..], offset + done);
            if (read == -Errno.EINTR)
            {
                continue;
            }

            if (read <= 0)
            {
                throw read < 0 ? KernelErrors.Of(handle.Kernel, "read", read, $"Reading {path}") : new BpfObjectFormatException(path, null, offset + done, "it ends here, earlier than it said");
            }

            done += (int)read;
        }
    }
}

/// <summary>Finds a program or library by its bare name, in the directories that libbpf searches.</summary>
internal static class UserPath
{
    private const string SystemLibraries = "/usr/lib64:/usr/lib";
    private const string SystemPrograms = "/usr/bin:/usr/sbin";

    private static readonly string s_multiarch = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "/lib/aarch64-linux-gnu" : "/lib/x86_64-linux-gnu";

    /// <summary>Returns the path: a name with a slash unchanged, a bare name in the first directory that has it.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">No directory has such a file.</exception>
    internal static string Resolve(in LinkRequest request, string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return name;
        }

        bool isLibrary = name.EndsWith(".so", StringComparison.Ordinal) || name.Contains(".so.", StringComparison.Ordinal);
        string variable = isLibrary ? "LD_LIBRARY_PATH" : "PATH";
        string places = $"{Environment.GetEnvironmentVariable(variable)}:{(isLibrary ? $"{SystemLibraries}:{s_multiarch}" : SystemPrograms)}";
        return Find(request.Kernel, places, name) ?? throw request.Absent(
            $"{(isLibrary ? "Library" : "Program")} {name}", Needs(request.Kernel, name, isLibrary, variable, places), "open", Errno.ENOENT);
    }

    private static string Needs(IKernel kernel, string name, bool isLibrary, string variable, string places)
    {
        string needs = $"to be in one of {places.TrimStart(':')} ({variable} and the system's directories), or to be named by its whole path";
        string libraries = $"{Environment.GetEnvironmentVariable("LD_LIBRARY_PATH")}:{SystemLibraries}:{s_multiarch}";

        // Suggest the bare name if it finds the library, otherwise the path.
        string[] near = [.. LibraryNames.Near(kernel, name).Select(path => Find(kernel, libraries, Path.GetFileName(path)) is null ? path : Path.GetFileName(path))];
        return near.Length == 0 ? needs
            : isLibrary ? $"{needs}; libraries of near names: {string.Join(", ", near)}"
            : $"{needs}. A library is named by its file name, with .so and its version: write {string.Join(" or ", near)}";
    }

    private static string? Find(IKernel kernel, string places, string name)
    {
        foreach (string place in places.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string path = $"{place}/{name}";
            long file = kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
            if (file >= 0)
            {
                kernel.Close((int)file);
                return path;
            }
        }

        return null;
    }
}

/// <summary>A file and a place in it, as sections write them: <c>/bin/bash:readline+0x10</c>, <c>libc.so.6:malloc</c>.</summary>
internal readonly record struct UserTarget(string Binary, string Name)
{
    /// <summary>Parses a section's text; null if it names no file, or no place in it.</summary>
    internal static UserTarget? Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 || colon == text.Length - 1 ? null : new UserTarget(text[..colon], text[(colon + 1)..]);
    }
}
