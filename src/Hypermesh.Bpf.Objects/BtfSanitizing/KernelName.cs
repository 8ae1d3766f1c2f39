namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>The kernel's names of data sections, of which it keeps 15 bytes: they begin with the object's name.</summary>
internal static class KernelName
{
    private const int MaximumLength = 15;
    private const int LeastSuffix = 7;

    /// <summary>The kernel's name of a section's map: the object's name, cut so that the section's is still readable.</summary>
    /// <param name="objectName">The object.</param>
    /// <param name="sectionName">The section, such as <c>.rodata</c>.</param>
    /// <returns>At most 15 characters.</returns>
    public static string OfSection(string objectName, string sectionName)
    {
        int suffix = Math.Max(LeastSuffix, sectionName.Length);
        // A section with a name of its own (.data.own) keeps it to itself.
        int prefix = sectionName.IndexOf('.', Math.Min(1, sectionName.Length)) >= 0 || suffix >= MaximumLength ? 0 : Math.Min(MaximumLength - suffix, objectName.Length);
        string name = objectName.Substring(0, prefix) + sectionName;
        return Legal(name.Length > MaximumLength ? name.Substring(0, MaximumLength) : name);
    }

    // The kernel takes letters, digits, underscores and dots of ASCII.
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
