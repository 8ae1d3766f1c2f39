using System.Text;

namespace Hypermesh.BpfSdk.Tasks.Files;

/// <summary>Files whose time stamp says when their content last changed, which is what incremental builds go by.</summary>
internal static class ContentFile
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes the text unless the file holds it already.</summary>
    /// <returns>True when the file was written.</returns>
    public static bool WriteWhenDifferent(string path, string text) => WriteWhenDifferent(path, s_utf8.GetBytes(text));

    /// <summary>Writes the bytes unless the file holds them already.</summary>
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

    /// <summary>Writes the text in any case, so that the file is newer than what it was made from.</summary>
    public static void Write(string path, string text) => Write(path, s_utf8.GetBytes(text));

    /// <summary>The text of the file, or null when there is none.</summary>
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
