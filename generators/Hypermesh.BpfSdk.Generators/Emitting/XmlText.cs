namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>C's words in documentation comments.</summary>
internal static class XmlText
{
    /// <summary>Text as XML writes it, on one line.</summary>
    public static string Escape(string text)
        => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\r", " ").Replace("\n", " ");

    /// <summary>Text as code.</summary>
    public static string Code(string text) => $"<c>{Escape(text)}</c>";
}
