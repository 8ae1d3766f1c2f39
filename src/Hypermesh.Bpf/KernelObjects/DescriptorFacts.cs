namespace Hypermesh.Bpf.KernelObjects;

/// <summary>Reads <c>/proc/self/fdinfo</c> of a descriptor, which has one field on each line.</summary>
internal static class DescriptorFacts
{
    /// <summary>The whole text; null if it cannot be read.</summary>
    internal static string? Read(BpfHandle handle)
    {
        using HandleUse use = handle.Use();
        return handle.Kernel.TryReadText($"/proc/self/fdinfo/{use.Descriptor}", out _);
    }

    /// <summary>The value of a field, such as <c>frozen</c>; null without it.</summary>
    internal static string? Find(BpfHandle handle, string field)
    {
        foreach (string line in (Read(handle) ?? "").Split('\n'))
        {
            if (line.StartsWith(field, StringComparison.Ordinal) && line.Length > field.Length && line[field.Length] == ':')
            {
                return line[(field.Length + 1)..].Trim();
            }
        }

        return null;
    }
}
