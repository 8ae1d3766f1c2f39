using Hypermesh.Bpf.Objects.Binaries;

namespace Hypermesh.Bpf;

/// <summary>A program or library that is open to be looked at.</summary>
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
                ? request.Absent($"File {path}", "to be there, as this process sees the file system; one of another mount namespace is under /proc/PID/root", "open", Errno.ENOENT)
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

    /// <summary>Where a function begins in the file.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">There is none of that name.</exception>
    internal ulong Find(in LinkRequest request, string function)
    {
        if (BinarySymbols.Find(File, function) is { } offset)
        {
            return offset;
        }

        IReadOnlyList<string> near = BinarySymbols.Near(File, function);
        throw request.Absent(
            $"Function {function} of {Path}",
            near.Count > 0 ? $"a file that has it; near names there: {string.Join(", ", near)}" : "a file that has it; this one may be stripped of its symbols, then attach by offset",
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
