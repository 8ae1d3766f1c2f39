using System.Text;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Tasks.Files;

namespace Hypermesh.BpfSdk.Tasks.Prebuilt;

/// <summary>
/// A compiled object as it is committed beside the C: a first line, a line with path and hash for each file of the project that it was compiled from, and the carrier. The hashes
/// show later whether it belongs to the current C, independent of the clang that compiled it.
/// </summary>
internal sealed class PrebuiltFile
{
    private const string FirstLine = "hypermesh-bpf-prebuilt 1";
    private const string InputKey = "input ";

    private PrebuiltFile(IReadOnlyList<string> inputs, string carrier)
    {
        Inputs = inputs;
        Carrier = carrier;
    }

    /// <summary>Path and hash of each file that it was compiled from.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>The carrier's text.</summary>
    public string Carrier { get; }

    /// <summary>Creates one from the object that was just compiled.</summary>
    /// <param name="files">The files of the project that clang read, full paths.</param>
    /// <param name="projectDirectory">The project's folder, with which they begin.</param>
    /// <param name="carrier">The carrier's text.</param>
    public static PrebuiltFile Of(IEnumerable<string> files, string projectDirectory, string carrier)
        => new([.. files.Select(file => $"{RelativePath.Of(projectDirectory, file)} {HashOf(file)}").OrderBy(line => line, StringComparer.Ordinal)], carrier);

    /// <summary>Reads a committed object; null for text in another format.</summary>
    public static PrebuiltFile? Read(string text)
    {
        text = text.Replace("\r", "");
        int carrier = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (!text.StartsWith(FirstLine + "\n", StringComparison.Ordinal) || carrier < 0)
        {
            return null;
        }

        return new PrebuiltFile(
            [.. text.Substring(0, carrier).Split('\n').Where(line => line.StartsWith(InputKey, StringComparison.Ordinal)).Select(line => line.Substring(InputKey.Length))],
            text.Substring(carrier + 2));
    }

    /// <summary>Returns the files that have changed since, or are missing.</summary>
    public IReadOnlyList<string> Changed(string projectDirectory)
        => [.. Inputs.Where(line => HashOf(Path.Combine(projectDirectory, PathOf(line))) != line.Substring(line.LastIndexOf(' ') + 1)).Select(PathOf)];

    /// <summary>Returns the carrier with the header of the current project.</summary>
    /// <exception cref="CarrierException">It is truncated or changed.</exception>
    public string CarrierWith(string header) => CarrierWriter.Text(header, CarrierFormat.NotesOf(Carrier), Image());

    /// <summary>The object.</summary>
    /// <exception cref="CarrierException">It is truncated or changed.</exception>
    public byte[] Image() => CarrierReader.Read(Carrier).Image;

    /// <inheritdoc/>
    public override string ToString() => $"{FirstLine}\n{string.Concat(Inputs.Select(line => $"{InputKey}{line}\n"))}\n{Carrier}";

    private static string PathOf(string line) => line.Substring(0, line.LastIndexOf(' '));

    // The line ends depend on the system of the checkout.
    private static string HashOf(string path) => File.Exists(path) ? Hash.Of(File.ReadAllText(path, Encoding.UTF8).Replace("\r\n", "\n")) : "";
}
