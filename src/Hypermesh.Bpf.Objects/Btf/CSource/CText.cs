using System.Text;

namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>
/// Collects the C. Its length is limited by the size of the types, because anonymous types that contain each other twice at every level would double the text
/// at each level.
/// </summary>
internal sealed class CText(BtfTypes types, TextWriter output)
{
    private const long LeastBudget = 256 * 1024;
    private const int BudgetPerByte = 64;

    private long _left = LeastBudget + ((types.Types.Length + (long)types.Strings.Length) * BudgetPerByte);

    /// <summary>Counts a piece of text against the limit, whether it is written now or becomes part of a longer one.</summary>
    public string Made(string text)
    {
        _left -= text.Length;
        if (_left < 0)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, "the types are nested in each other so often that their C would be too long");
        }

        return text;
    }

    public void Line(string text)
    {
        output.Write(Made(text));
        output.Write('\n');
    }

    public static string Indent(int depth) => new('\t', depth);

    /// <summary>Returns a block with its lines, each at its depth.</summary>
    public string Block(string head, IEnumerable<string> lines, string foot, int indent)
    {
        var text = new StringBuilder(head).Append(" {\n");
        foreach (string line in lines)
        {
            text.Append('\t', indent + 1).Append(line).Append('\n');
        }

        return Made(text.Append('\t', indent).Append(foot).ToString());
    }
}
