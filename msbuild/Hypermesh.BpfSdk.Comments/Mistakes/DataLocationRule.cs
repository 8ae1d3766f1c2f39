using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>Finds the place of a tracepoint's text that is added to the context as a whole: its upper half is the length.</summary>
internal static class DataLocationRule
{
    private const string Prefix = "__data_loc_";
    private const int Whole = 4;

    public static void Visit(CodeNode node, MistakeList found)
    {
        if (node.Kind == CXCursorKind.CXCursor_BinaryOperator && Types.Target(node.Type) is not null
            && node.Children.Select(static child => Location(child.Plain)).FirstOrDefault(static name => name is not null) is { } member)
        {
            found.Add(SourceIds.DataLocation, node.Cursor, member);
        }
    }

    // The member, read directly or through a variable that has all of its bits.
    private static string? Location(CodeNode node)
    {
        CXCursor read = node.Cursor;
        if (read.kind == CXCursorKind.CXCursor_DeclRefExpr && node.Declaration is { kind: CXCursorKind.CXCursor_VarDecl } variable
            && clang.Type_getSizeOf(clang.getCursorType(variable)) >= Whole && Cursors.Children(variable) is [.., var initializer])
        {
            read = NetworkValue.Plain(initializer);
        }

        return read.kind == CXCursorKind.CXCursor_MemberRefExpr && Cursors.Spelling(read) is var name && name.StartsWith(Prefix, StringComparison.Ordinal) ? name : null;
    }
}
