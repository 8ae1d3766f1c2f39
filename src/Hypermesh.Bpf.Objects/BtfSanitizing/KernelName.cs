namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>Builds the kernel's names of data section maps, which have at most 15 bytes and begin with the object's name.</summary>
internal static class KernelName
{
    private const int MaximumLength = 15;
    private const int LeastSuffix = 7;

    /// <summary>Returns the kernel's name of a section's map: the object's name, truncated so that the section's name still fits.</summary>
    /// <param name="objectName">The object.</param>
    /// <param name="sectionName">The section, such as <c>.rodata</c>.</param>
    /// <returns>The name, at most 15 characters.</returns>
    public static string OfSection(string objectName, string sectionName)
    {
        int suffix = Math.Max(LeastSuffix, sectionName.Length);
        // A custom section (.data.own) has no prefix.
        int prefix = sectionName.IndexOf('.', Math.Min(1, sectionName.Length)) >= 0 || suffix >= MaximumLength ? 0 : Math.Min(MaximumLength - suffix, objectName.Length);
        string name = objectName.Substring(0, prefix) + sectionName;
        return Legal(name.Length > MaximumLength ? name.Substring(0, MaximumLength) : name);
    }

    // The kernel accepts ASCII letters, digits, underscores and dots.
    private static string Legal(string name)
    {
        char[] letters = name.ToCharArray();
        for (int i = 0; i < letters.Length; i++)
        {
            char c = letters[i];
            if (c is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '.'))
            {
                letters[i] = '_';
            }
        }

        return new string(letters);
    }
}
