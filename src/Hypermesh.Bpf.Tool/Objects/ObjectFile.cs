using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Errors;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Reads objects and BTF from files, and writes objects.</summary>
internal static class ObjectFile
{
    private const long LargestFile = 256 << 20;

    /// <summary>Reads an object. Its name is the file's up to the first dot, with which the kernel's names of its data sections begin.</summary>
    internal static BpfObjectSpec Read(string path)
    {
        byte[] image = ReadBytes(path);
        string name = Path.GetFileName(path).Split('.')[0];
        try
        {
            return BpfObjectSpec.Read(image, name);
        }
        catch (BpfObjectFormatException reason)
        {
            // The message begins with the object's name; a user who typed a path expects the path.
            string advice = Advice(path, image);
            throw new BpfException(
                reason.Undefined.Count > 0 ? $"{path}: {reason.Message}"
                    : advice.Length > 0 ? $"{path} is not an eBPF object.{advice}"
                    : $"{path} is not an eBPF object that can be read: {Sentence.Of(reason.Message)}",
                name, null, reason);
        }
    }

    /// <summary>Reads types: BTF as in /sys/kernel/btf, or an ELF file of any kind (an object, a module, a vmlinux).</summary>
    /// <param name="path">The file.</param>
    /// <param name="kernel">The types onto which those of a module with <c>.BTF.base</c> are relocated; without them the module's own base is used.</param>
    internal static BtfTypes ReadTypes(string path, BtfTypes? kernel = null)
    {
        BtfTypes types = Access(path, () =>
        {
            using Stream file = Open(path);
            Span<byte> start = stackalloc byte[16];
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            return BtfFile.IsPossible(start) ? BtfFile.Read(file, path, kernel) : throw new BpfException(
                $"{path} has no BTF: it is neither BTF as in /sys/kernel/btf nor an ELF file with a section .BTF.{Advice(path, start)}", path, null);
        });
        types.CheckNames();
        return types;
    }

    // A pipe, or a file of /proc, is read whole: it has no length, and parts of it cannot be read.
    private static Stream Open(string path)
    {
        FileStream file = File.OpenRead(path);
        if (file is { CanSeek: true, Length: > 0 })
        {
            return file;
        }

        using (file)
        {
            var whole = new MemoryStream();
            file.CopyTo(whole);
            whole.Position = 0;
            return whole;
        }
    }

    // For a file that is not an object: where the object of that file is.
    private static string Advice(string path, ReadOnlySpan<byte> contents)
    {
        if (path.EndsWith(".bpf.c", StringComparison.Ordinal))
        {
            return $" {Path.GetFileName(path)} is C source: dotnet build compiles it to obj/Debug/net10.0/bpf/{Path.GetFileNameWithoutExtension(path)}.o.";
        }

        return path.EndsWith(".c", StringComparison.Ordinal) ? " This is C source: clang -g -O2 -target bpf -c compiles it."
            : contents.StartsWith("MZ"u8) ? $" This is a .NET assembly or a Windows program: the objects of a .NET project are in its obj/Debug/net10.0/bpf/, as NAME.bpf.o."
            : "";
    }

    /// <summary>Writes a file; an existing one is replaced.</summary>
    internal static void Write(string path, byte[] contents)
    {
        try
        {
            File.WriteAllBytes(path, contents);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw new BpfException($"{path} cannot be written: {reason.Message}", path, null, reason);
        }
    }

    // A sparse file can claim gigabytes that are not on the disk.
    internal static byte[] ReadBytes(string path) => Access(path, () => new FileInfo(path) is { Exists: true, Length: > LargestFile } file
        ? throw new BpfException($"{path} has {file.Length} bytes, more than the limit of {LargestFile} for an object or BTF. Is it the right file?", path, null)
        : File.ReadAllBytes(path));

    private static T Access<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception reason) when (reason is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BpfException($"{path} does not exist.", path, null, reason);
        }
        catch (Exception) when (Directory.Exists(path))
        {
            throw new BpfException($"{path} is a directory, not a file; hmbpf accepts several files ({Path.TrimEndingDirectorySeparator(path)}/*.bpf.o).", path, null);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw new BpfException($"{path} cannot be read: {reason.Message}", path, null, reason);
        }
    }
}
