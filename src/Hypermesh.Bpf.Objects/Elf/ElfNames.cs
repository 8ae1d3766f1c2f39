namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>
/// Reads names from a string table, each once. Names may share their ends, so a table with one long text could give each symbol a name as long as the file. The total
/// length of the names is therefore limited to a multiple of the file's length.
/// </summary>
internal sealed class ElfNames(ElfWindow strings, long fileLength)
{
    private const int TimesTheFile = 8;
    private const int LeastBudget = 64 * 1024;

    private readonly Dictionary<uint, string> _known = [];
    private long _left = LeastBudget + (fileLength * TimesTheFile);

    /// <summary>Returns the name at an offset.</summary>
    public string At(uint offset)
    {
        if (!_known.TryGetValue(offset, out string? name))
        {
            ReadOnlySpan<byte> bytes = strings.StringBytes(offset);
            _left -= bytes.Length;
            if (_left < 0)
            {
                strings.Fail(offset, $"the names overlap: together they are more than {TimesTheFile} times as long as the file");
            }

            name = FormatReader.Utf8(bytes);
            _known.Add(offset, name);
        }

        return name;
    }
}
