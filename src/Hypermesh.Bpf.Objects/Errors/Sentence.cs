namespace Hypermesh.Bpf.Objects.Errors;

/// <summary>Joins a message, which may end without a full stop, with the sentence that follows it.</summary>
internal static class Sentence
{
    /// <summary>Returns the text with a full stop, unless it already ends with a punctuation mark.</summary>
    public static string Of(string text)
    {
        string trimmed = text.TrimEnd();
        return trimmed.Length == 0 || trimmed[trimmed.Length - 1] is '.' or '?' or '!' ? trimmed : trimmed + ".";
    }
}
