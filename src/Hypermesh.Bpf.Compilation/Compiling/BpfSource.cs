using System.Text;
using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation;

/// <summary>C for <see cref="BpfCompiler"/>: a text, or a file with the headers beside it.</summary>
public sealed class BpfSource
{
    private const string DefaultName = "program.bpf.c";
    private const long LargestSource = 4 << 20;
    private const long LargestHeader = 4 << 20;
    private const int MostHeaders = 256;

    private BpfSource(string path, string name, byte[] text, IReadOnlyDictionary<string, byte[]> headers)
    {
        Path = path;
        Name = name;
        Text = text;
        Headers = headers;
    }

    /// <summary>The file that diagnostics name.</summary>
    public string Path { get; }

    /// <summary>The file's name without a folder.</summary>
    internal string Name { get; }

    internal byte[] Text { get; }

    /// <summary>The headers beside the file, by name.</summary>
    internal IReadOnlyDictionary<string, byte[]> Headers { get; }

    /// <summary>Takes C as text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name that diagnostics and the lines of the object have; a file name without a folder.</param>
    /// <exception cref="ArgumentException">The name is not a file name.</exception>
    public static BpfSource FromText(string text, string name = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.AsSpan().IndexOfAny("/\\\0\n\r\"") >= 0 || name is "." or "..")
        {
            throw new ArgumentException($"'{name}' is not a file name.", nameof(name));
        }

        return new BpfSource(name, name, Encoding.UTF8.GetBytes(text), new Dictionary<string, byte[]>());
    }

    /// <summary>Reads a C file, and the headers (<c>*.h</c>) in its folder. Links, pipes and devices among them are left out: a header that is one is not found.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="BpfException">The file does not exist, cannot be read, or is larger than 4 MiB.</exception>
    public static BpfSource FromFile(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        try
        {
            var info = new FileInfo(file);
            string problem = Directory.Exists(file) ? "is a directory" : !info.Exists ? "does not exist" : FileFacts.Of(file) is not { IsRegular: true } ? "is not a regular file" : info.Length > LargestSource ? $"has {info.Length} bytes, more than the limit of {LargestSource} for C" : "";
            return problem.Length > 0
                ? throw new BpfException($"{file} {problem}.", file, null)
                : new BpfSource(file, info.Name, File.ReadAllBytes(file), ReadHeaders(info.Directory!));
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw new BpfException($"{file} cannot be read: {reason.Message}", file, null, reason);
        }
    }

    private static Dictionary<string, byte[]> ReadHeaders(DirectoryInfo folder)
    {
        FileInfo[] found = [.. folder.EnumerateFiles("*.h").Where(static file => file.LinkTarget is null && FileFacts.Of(file.FullName) is { IsRegular: true } && file.Length <= LargestHeader).OrderBy(static file => file.Name, StringComparer.Ordinal).Take(MostHeaders)];
        return found.ToDictionary(static file => file.Name, static file => File.ReadAllBytes(file.FullName), StringComparer.Ordinal);
    }
}
