using System.Buffers.Binary;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Errors;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Reads objects and BTF from files, and writes objects.</summary>
internal static class ObjectFile
{
    private const long LargestFile = 256 << 20;

    private static ReadOnlySpan<byte> ElfMagic => [0x7f, (byte)'E', (byte)'L', (byte)'F'];

    /// <summary>Reads an object. Its name is the file's up to the first dot, which is what the kernel's names of its globals begin with.</summary>
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
            // The message begins with the object's name; who typed a path wants to see it.
            string advice = Advice(path, image);
            throw new BpfException(
                reason.Undefined.Count > 0 ? $"{path}: {reason.Message}"
                    : advice.Length > 0 ? $"{path} is no eBPF object.{advice}"
                    : $"{path} is no eBPF object that can be read: {Sentence.Of(reason.Message)}",
                name, null, reason);
        }
    }

    /// <summary>Reads types: as they stand in /sys/kernel/btf, or in the section .BTF of an ELF file (an object, a vmlinux).</summary>
    internal static BtfTypes ReadTypes(string path)
    {
        ReadOnlyMemory<byte> blob = ReadBytes(path);
        if (blob.Span.StartsWith(ElfMagic))
        {
            blob = ElfObject.Read(blob, path).FindSection(".BTF") is { Size: > 0 } section
                ? section.Data
                : throw new BpfException($"{path} has no section .BTF: was it compiled with -g?", path, null);
        }

        else if (blob.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(blob.Span) is not (BtfTypes.Magic or 0x9feb))
        {
            throw new BpfException(
                $"{path} has no BTF: it is neither BTF as in /sys/kernel/btf nor an ELF file with a section .BTF.{Advice(path, blob.Span)}", path, null);
        }

        BtfTypes types = BtfTypes.Read(blob, path);
        types.CheckNames();
        return types;
    }

    // Where the object lies that belongs to the file somebody named instead.
    private static string Advice(string path, ReadOnlySpan<byte> contents)
    {
        if (path.EndsWith(".bpf.c", StringComparison.Ordinal))
        {
            return $" {Path.GetFileName(path)} is C source: dotnet build compiles it to obj/Debug/net10.0/bpf/{Path.GetFileNameWithoutExtension(path)}.o.";
        }

        return path.EndsWith(".c", StringComparison.Ordinal) ? " This is C source: clang -g -O2 -target bpf -c compiles it."
            : contents.StartsWith("MZ"u8) ? $" This is a .NET assembly or a Windows program: the objects of a .NET project lie in its obj/Debug/net10.0/bpf/, as NAME.bpf.o."
            : "";
    }

    /// <summary>Writes a file over what is there.</summary>
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

    internal static byte[] ReadBytes(string path)
    {
        try
        {
            // A sparse file can claim gigabytes that are not on the disk.
            return new FileInfo(path) is { Exists: true, Length: > LargestFile } file
                ? throw new BpfException($"{path} has {file.Length} bytes, more than the limit of {LargestFile} for an object or BTF. Is it the right file?", path, null)
                : File.ReadAllBytes(path);
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
