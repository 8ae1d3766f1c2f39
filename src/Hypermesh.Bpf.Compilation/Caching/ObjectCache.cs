using System.Security.Cryptography;
using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation.Caching;

/// <summary>
/// Objects by what they were compiled from. The key has the text, the options and clang's version; the entry names the headers that were read, with their hashes, and counts only while all of
/// them are unchanged. An entry is one file: a line for each header, an empty line, the object's hash, the object.
/// </summary>
/// <param name="folder">The folder; null for none: nothing is found and nothing kept.</param>
internal sealed class ObjectCache(string? folder)
{
    private const int MostEntries = 256;
    private const long LargestHeader = 64 << 20;
    private const char Separator = '\t';

    /// <summary>Finds an object.</summary>
    /// <param name="key">The key, in hexadecimal.</param>
    internal byte[]? Find(string key)
    {
        if (folder is null || ReadOrNull(PathOf(key)) is not { } entry)
        {
            return null;
        }

        int end = entry.AsSpan().IndexOf("\n\n"u8);
        int start = end + 2 + SHA256.HashSizeInBytes;
        if (end < 0 || start > entry.Length || !SHA256.HashData(entry.AsSpan(start)).AsSpan().SequenceEqual(entry.AsSpan(end + 2, SHA256.HashSizeInBytes)))
        {
            return null;
        }

        foreach (string line in System.Text.Encoding.UTF8.GetString(entry, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries))
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
    /// <param name="key">The key, in hexadecimal.</param>
    /// <param name="headers">The headers it was compiled from.</param>
    /// <param name="began">When the compilation began.</param>
    /// <param name="image">The object.</param>
    internal void Keep(string key, IEnumerable<string> headers, DateTime began, ReadOnlySpan<byte> image)
    {
        (string Path, string? Hash)[] read = [.. headers.Select(static path => (path, HashOf(path)))];
        if (folder is null || read.Any(one => one.Hash is null || one.Path.AsSpan().IndexOfAny('\n', Separator) >= 0 || File.GetLastWriteTimeUtc(one.Path) >= began))
        {
            return;
        }

        byte[] list = System.Text.Encoding.UTF8.GetBytes(string.Concat(read.Select(static one => $"{one.Path}{Separator}{one.Hash}\n")) + (read.Length == 0 ? "\n\n" : "\n"));
        string temporary = Path.Combine(folder, $".new-{Guid.NewGuid():N}");
        try
        {
            using (FileStream file = File.Create(temporary))
            {
                file.Write(list);
                file.Write(SHA256.HashData(image));
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

    private string PathOf(string key) => Path.Combine(folder!, key + ".entry");

    private static string? HashOf(string path)
    {
        try
        {
            return FileFacts.Of(path) is { IsRegular: true } && new FileInfo(path).Length <= LargestHeader ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) : null;
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
