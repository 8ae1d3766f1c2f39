using System.Globalization;
using Hypermesh.Bpf.Clang.Finding;

namespace Hypermesh.Bpf.Compilation.Caching;

/// <summary>What the machine's clangs said about themselves, so that a program in the cache starts none.</summary>
/// <param name="folder">The folder of the cache; null for none.</param>
internal sealed class KnownClangs(string? folder)
{
    private const string Format = "hypermesh-clang-run 1";
    private const int Fields = 5;

    private string? File => folder is null ? null : Path.Combine(folder, "clang.txt");

    /// <summary>Returns the facts about a clang, as long as its file is unchanged; else asks it.</summary>
    internal ClangInstallation Get(string path, CancellationToken cancellation)
    {
        string identity = Identity(path);
        string[] kept = Read();
        if (kept.Length >= Fields && kept[0] == path && kept[1] == identity)
        {
            return new ClangInstallation(path, kept[2], int.Parse(kept[3], CultureInfo.InvariantCulture), HasBpf: true, kept[4], kept[Fields..]);
        }

        ClangInstallation answer = ClangProbe.Ask(path, cancellation);
        if (answer.Problem is null)
        {
            Write([path, identity, answer.Version, answer.Major.ToString(CultureInfo.InvariantCulture), answer.ResourceDirectory, .. answer.SystemIncludes]);
        }

        return answer;
    }

    // A symbolic link keeps its time when what it points to is replaced; the length is that of the program itself.
    private static string Identity(string path)
    {
        var program = new FileInfo(System.IO.File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        return string.Create(CultureInfo.InvariantCulture, $"{program.FullName} {program.LastWriteTimeUtc.Ticks} {program.Length}");
    }

    private string[] Read()
    {
        try
        {
            return File is { } file && System.IO.File.Exists(file) && System.IO.File.ReadAllLines(file) is [Format, .. string[] fields] ? fields : [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private void Write(string[] fields)
    {
        if (File is not { } file || fields.Any(static field => field.Contains('\n', StringComparison.Ordinal)))
        {
            return;
        }

        string temporary = $"{file}.{Guid.NewGuid():N}";
        try
        {
            System.IO.File.WriteAllLines(temporary, [Format, .. fields]);
            System.IO.File.Move(temporary, file, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            System.IO.File.Delete(temporary);
        }
    }
}
