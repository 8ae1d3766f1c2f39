using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>Finds calls of bpf_strncmp with the constant text first: it must be last.</summary>
internal static class TextOrderRule
{
    public static void Visit(CodeNode node, MistakeList found)
    {
        if (node.Callee == "bpf_strncmp" && node.Children is [_, var first, _, var last] && first.Uncast.Kind == CXCursorKind.CXCursor_StringLiteral && last.Uncast.Kind != CXCursorKind.CXCursor_StringLiteral)
        {
            string text = Cursors.Spelling(first.Uncast.Cursor);
            string name = last.Uncast.Kind is CXCursorKind.CXCursor_DeclRefExpr ? Cursors.Spelling(last.Uncast.Cursor) : "text";
            found.Add(SourceIds.TextOrder, node.Cursor, text, $"bpf_strncmp({name}, sizeof({name}), {text})");
        }
    }
}
