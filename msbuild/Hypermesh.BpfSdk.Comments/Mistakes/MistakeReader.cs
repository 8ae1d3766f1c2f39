using Hypermesh.BpfSdk.Comments.Reading;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>Finds mistakes in the functions of the user's files that the object does not show, because it has no types of local variables.</summary>
internal static class MistakeReader
{
    public static string Read(Request request, RequestedProgram program, CXCursor unit)
    {
        SourceFiles files = new(request, program.Source);
        SourceText text = new();
        MistakeList found = new(files);
        List<CXCursor> declarations = Cursors.Children(unit);
        List<CXCursor> functions = declarations.FindAll(cursor => cursor.kind == CXCursorKind.CXCursor_FunctionDecl && files.TryPlace(clang.getCursorLocation(cursor), out _, out _, out _));
        NetworkCopyRule copies = new(files, text);
        foreach (CXCursor function in functions.Where(static function => clang.isCursorDefinition(function) != 0))
        {
            List<CodeNode> code = [.. CodeNode.Of(function).All()];
            NetworkVariables variables = NetworkVariables.Of(code);
            string name = Cursors.Spelling(function);
            foreach (CodeNode node in code)
            {
                ScaledPointerRule.Visit(node, text, found);
                DataLocationRule.Visit(node, found);
                TextOrderRule.Visit(node, found);
                PointerSizeRule.Visit(node, text, found);
                NarrowTimeRule.Visit(node, found);
                PrintFormatRule.Visit(node, found);
                NetworkSumRule.Visit(node, name, variables, text, found);
            }

            NarrowIdRule.Read(code, found);
            UnsetMemberRule.Read(code, text, found);
            copies.Read(code, variables);
        }

        copies.Report(found);
        ProgramArgumentRule.Read(declarations, functions, text, found);
        return found.Text();
    }
}
