using System.Buffers.Binary;
using System.IO.Hashing;
using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation.Caching;

/// <summary>
/// Objects by what they were compiled from. The key has the text, the options and clang's version; the entry names the headers that were read, with their hashes, and counts only while all of
/// them are unchanged. An entry is one file: the length of the key, the key, a line for each header, an empty line, the hash of all that and of the object, the object. The hashes are quick ones, that find what
/// is damaged or was edited (those of the runtime that resist an attacker load OpenSSL, which takes longer than the rest of the search): so the key is compared whole, since its text may be a stranger's.
/// </summary>
/// <param name="folder">The folder; null for none: nothing is found and nothing kept.</param>
internal sealed class ObjectCache(string? folder)
{
    private const int MostEntries = 256;
    private const long LargestHeader = 64 << 20;
    private const char Separator = '\t';
    private const int HashLength = 16;

    /// <summary>Finds an object.</summary>
    /// <param name="key">What it was compiled from.</param>
    internal byte[]? Find(ReadOnlySpan<byte> key)
    {
        if (folder is null || ReadOrNull(PathOf(key)) is not { } entry)
        {
            return null;
        }

        int list = sizeof(long) + key.Length;
        if (entry.Length < list || BinaryPrimitives.ReadInt64LittleEndian(entry) != key.Length || !entry.AsSpan(sizeof(long), key.Length).SequenceEqual(key))
        {
            return null;
        }

        int length = entry.AsSpan(list).IndexOf("\n\n"u8), end = list + length + 2, start = end + HashLength;
        if (length < 0 || start > entry.Length || !Seal(entry.AsSpan(0, end), entry.AsSpan(start)).AsSpan().SequenceEqual(entry.AsSpan(end, HashLength)))
        {
            return null;
        }

        foreach (string line in System.Text.Encoding.UTF8.GetString(entry, list, length).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(Separator);
            if (fields.Length != 2 || HashOf(fields[0]) != fields[1])
            {
                return null;
            }
        }

        return entry[start..];
    }

    /// <summary>Keeps an object. A cache that cannot be written to is left as it is, and an object is not kept whose headers have changed since.</summary>
    /// <param name="key">What it was compiled from.</param>
    /// <param name="headers">The headers it was compiled from.</param>
    /// <param name="began">When the compilation began.</param>
    /// <param name="image">The object.</param>
    internal void Keep(ReadOnlySpan<byte> key, IEnumerable<string> headers, DateTime began, ReadOnlySpan<byte> image)
    {
        (string Path, string? Hash)[] read = [.. headers.Select(static path => (path, HashOf(path)))];
        if (folder is null || read.Any(one => one.Hash is null || one.Path.AsSpan().IndexOfAny('\n', Separator) >= 0 || File.GetLastWriteTimeUtc(one.Path) >= began))
        {
            return;
        }

        byte[] length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, key.Length);
        byte[] begin = [.. length, .. key, .. System.Text.Encoding.UTF8.GetBytes(string.Concat(read.Select(static one => $"{one.Path}{Separator}{one.Hash}\n")) + (read.Length == 0 ? "\n\n" : "\n"))];
        string temporary = Path.Combine(folder, $".new-{Guid.NewGuid():N}");
        try
        {
            using (FileStream file = File.Create(temporary))
            {
                file.Write(begin);
                file.Write(Seal(begin, image));
                file.Write(image);
            }

            File.Move(temporary, PathOf(key), overwrite: true);
            RemoveOldest();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
        }
    }

    private void RemoveOldest()
    {
        foreach (FileInfo old in new DirectoryInfo(folder!).GetFiles("*.entry").OrderByDescending(static file => file.LastWriteTimeUtc).Skip(MostEntries))
        {
            old.Delete();
        }
    }

    private string PathOf(ReadOnlySpan<byte> key) => Path.Combine(folder!, Convert.ToHexStringLower(XxHash128.Hash(key)) + ".entry");

    private static byte[] Seal(ReadOnlySpan<byte> begin, ReadOnlySpan<byte> image)
    {
        var hash = new XxHash128();
        hash.Append(begin);
        hash.Append(image);
        return hash.GetCurrentHash();
    }

    private static string? HashOf(string path)
    {
        try
        {
            return FileFacts.Of(path) is { IsRegular: true } && new FileInfo(path).Length <= LargestHeader ? Convert.ToHexStringLower(XxHash128.Hash(File.ReadAllBytes(path))) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static byte[]? ReadOrNull(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
