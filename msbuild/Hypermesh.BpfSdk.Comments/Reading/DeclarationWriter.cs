using System.Globalization;
using System.Text;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>
/// Writes declarations in the format of a carrier: <c>doc KEY TAB LINE TAB COLUMN TAB FILE TAB COMMENT</c>, one for each key. In the comment, line
/// ends, tabs and backslashes are <c>\n</c>, <c>\t</c> and <c>\\</c>.
/// </summary>
internal static class DeclarationWriter
{
    public static string Text(List<Declaration> declarations)
    {
        ReadMembers(declarations);
        StringBuilder text = new();
        foreach (IGrouping<string, Declaration> sameName in declarations.GroupBy(static declaration => declaration.Key))
        {
            // The place is that of the definition; the comment is the first one that exists, because that of a function is often at its prototype.
            Declaration place = sameName.FirstOrDefault(static declaration => declaration.IsDefinition) ?? sameName.First();
            string comment = sameName.Select(static declaration => declaration.Comment).FirstOrDefault(static comment => comment.Length > 0) ?? "";
            text.Append("doc ").Append(place.Key)
                .Append('\t').Append(CultureInfo.InvariantCulture, $"{place.Line}\t{place.Column}")
                .Append('\t').Append(LineText.Escape(place.File))
                .Append('\t').Append(LineText.Escape(comment))
                .Append('\n');
        }

        return text.ToString();
    }

    private static void ReadMembers(List<Declaration> declarations)
    {
        ILookup<Declaration, Declaration> members = declarations
            .Where(static member => member.Owner is not null)
            .ToLookup(static member => member.Owner!);
        foreach (Declaration declaration in declarations.Where(static declaration => declaration.Comment.Length > 0))
        {
            Dictionary<string, string> ofMembers = [];
            HashSet<string> names = [.. members[declaration].Select(static member => member.Name)];
            declaration.Comment = KernelDoc.Read(declaration.Comment, declaration.Name, names, ofMembers);
            foreach (Declaration member in members[declaration].Where(static member => member.Comment.Length == 0))
            {
                member.Comment = ofMembers.GetValueOrDefault(member.Name, "");
            }
        }
    }
}
