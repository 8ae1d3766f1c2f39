using System.Text;

namespace Hypermesh.BpfSdk.Tasks.Files;

/// <summary>Writes files only when their content changes, so that incremental builds can use their times.</summary>
internal static class ContentFile
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes the text unless the file already has it.</summary>
    /// <returns>True when the file was written.</returns>
    public static bool WriteWhenDifferent(string path, string text) => WriteWhenDifferent(path, s_utf8.GetBytes(text));

    /// <summary>Writes the bytes unless the file already has them.</summary>
    /// <returns>True when the file was written.</returns>
    public static bool WriteWhenDifferent(string path, byte[] content)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            return false;
        }

        Write(path, content);
        return true;
    }

    /// <summary>Always writes the text, so that the file is newer than its inputs.</summary>
    public static void Write(string path, string text) => Write(path, s_utf8.GetBytes(text));

    /// <summary>Reads the text of the file; null when there is none.</summary>
    public static string? ReadOrNull(string path) => File.Exists(path) ? File.ReadAllText(path, s_utf8) : null;

    private static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            File.WriteAllBytes(path, content);
        }
        catch (IOException failure) when (failure.Message.IndexOf(path, StringComparison.Ordinal) < 0)
        {
            throw new IOException($"{failure.Message} ({path})", failure);
        }
    }
}
