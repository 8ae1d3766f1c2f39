namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>
/// The names in a string table, each read once. Names may end in each other's ends, so that a table of one long text would give each symbol a name as long as the file:
/// together they may not be many times as long as it is.
/// </summary>
internal sealed class ElfNames(FormatReader strings, long fileLength)
{
    private const int TimesTheFile = 8;
    private const int LeastBudget = 64 * 1024;

    private readonly Dictionary<uint, string> _known = [];
    private long _left = LeastBudget + (fileLength * TimesTheFile);

    /// <summary>The name at an offset.</summary>
    public string At(uint offset)
    {
        if (!_known.TryGetValue(offset, out string? name))
        {
            ReadOnlySpan<byte> bytes = strings.StringBytes(offset);
            _left -= bytes.Length;
            if (_left < 0)
            {
                strings.Fail(offset, $"the names are more than {TimesTheFile} times as long as the file together: they overlap");
            }

            name = FormatReader.Utf8(bytes);
            _known.Add(offset, name);
        }

        return name;
    }
}
