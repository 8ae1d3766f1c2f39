using System.Globalization;
using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>Finds pointers to a struct to which a size in bytes is added: C multiplies it by the size of the struct.</summary>
internal static class ScaledPointerRule
{
    // Members that count words of 4 bytes, as in ip->ihl * 4.
    private static readonly string[] s_words = ["ihl", "doff"];

    public static void Visit(CodeNode node, SourceText text, MistakeList found)
    {
        if (node.Kind is not (CXCursorKind.CXCursor_BinaryOperator or CXCursorKind.CXCursor_CompoundAssignOperator) || node.Children is not [var left, var right] || Types.Target(node.Type) is null)
        {
            return;
        }

        (CodeNode pointer, CodeNode size) = Types.Target(left.Type) is null ? (right, left) : (left, right);
        if (Types.Target(pointer.Type) is not { } target || clang.Type_getSizeOf(target) is not (> 1 and long element))
        {
            return;
        }

        bool isStruct = target.kind == CXTypeKind.CXType_Record;
        string name = pointer.Plain.Kind is CXCursorKind.CXCursor_DeclRefExpr ? Cursors.Spelling(pointer.Plain.Cursor) : "";
        string shown = name.Length > 0 ? name : "pointer";
        if (SizeOf(size.Plain, text) is > 1 and long bytes && (isStruct || bytes == element))
        {
            string added = bytes.ToString(CultureInfo.InvariantCulture);
            string? ofPointer = PointerSizeRule.PointerOf(size.Plain, text) is { } sized ? Cursors.Spelling(sized.Cursor) : null;
            Add(added, bytes == element || ofPointer == name ? $"{shown} + 1" : ofPointer is not null ? $"(void *){shown} + sizeof(*{ofPointer})" : $"(void *){shown} + {added}");
        }
        else if (isStruct && WordsOf(size.Plain) is { } member)
        {
            Add($"{member} * 4", $"(void *){shown} + {shown}->{member} * 4");
        }

        void Add(string added, string remedy)
            => found.Add(
                SourceIds.ScaledPointer, node.Cursor, name.Length > 0 ? $"'{name}'" : "The pointer", Types.Unqualified(target), element.ToString(CultureInfo.InvariantCulture), added, remedy);
    }

    private static long? SizeOf(CodeNode node, SourceText text)
    {
        if (node.Kind != CXCursorKind.CXCursor_UnaryExpr)
        {
            return null;
        }

        (nint file, uint offset) = text.Spelled(clang.getCursorLocation(node.Cursor));
        return text.WordAt(file, offset) == "sizeof" ? Types.Value(node.Cursor) : null;
    }

    // The member of ip->ihl * 4, tcp->doff << 2.
    private static string? WordsOf(CodeNode node)
        => node is { Kind: CXCursorKind.CXCursor_BinaryOperator, Children: [var left, var right] } && left.Plain.Kind == CXCursorKind.CXCursor_MemberRefExpr
            && right.Plain.Kind == CXCursorKind.CXCursor_IntegerLiteral && Types.Value(right.Plain.Cursor) is 2 or 4 && Cursors.Spelling(left.Plain.Cursor) is var name && s_words.Contains(name)
            ? name
            : null;
}
