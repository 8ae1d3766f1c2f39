using System.Security.Cryptography;
using System.Text;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>The object as text for the generator, which may read nothing else: a few lines of facts, then the object in base64.</summary>
internal static class Carrier
{
    private const int Columns = 76;

    /// <summary>The lines before the object. They say all that the skeleton depends on beside the object itself.</summary>
    /// <param name="program">The file.</param>
    /// <param name="clangVersion">What clang says of itself.</param>
    /// <param name="root">The way from the generated code to the project's folder.</param>
    public static string Header(BpfProgramFile program, string clangVersion, string root)
        => $"""
            hypermesh-bpf-carrier 1
            source {program.RelativeSource}
            root {root}
            namespace {program.Name.Namespace}
            class {program.Name.ClassName}
            accessibility {program.Accessibility}
            resource {program.Name.ResourceName}
            clang {clangVersion}
            mcpu {program.Mcpu}
            kernel {program.MinimumKernel}

            """.Replace("\r", "");

    /// <summary>The whole text.</summary>
    /// <param name="header">What <see cref="Header"/> gave.</param>
    /// <param name="docs">A line for everything that is declared: where, and what its comment says.</param>
    /// <param name="image">The object.</param>
    public static string Text(string header, IEnumerable<string> docs, byte[] image)
    {
        StringBuilder text = new(header);
        foreach (string line in docs)
        {
            text.Append(line).Append('\n');
        }

        text.Append("sha256 ").Append(Fingerprint.Of(image)).Append("\n\n");
        string base64 = Convert.ToBase64String(image);
        for (int i = 0; i < base64.Length; i += Columns)
        {
            text.Append(base64, i, Math.Min(Columns, base64.Length - i)).Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>Hashes as lower-case hexadecimal text.</summary>
internal static class Fingerprint
{
    /// <summary>The SHA-256 of a text.</summary>
    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Identifies a version of a file without reading it; empty when there is no file.</summary>
    public static string OfFile(string path)
        => path.Length > 0 && new FileInfo(path) is { Exists: true } file ? $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}" : "";

    /// <summary>The SHA-256 of bytes.</summary>
    public static string Of(byte[] bytes)
    {
        using SHA256 sha = SHA256.Create();
        return string.Concat(sha.ComputeHash(bytes).Select(b => b.ToString("x2")));
    }
}
