using System.Text.RegularExpressions;
using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>
/// Finds lengths and sequence numbers in network order that are added, subtracted or multiplied. Ports and addresses are summed for hashes only, so these are left out, and sums with
/// names of checksums.
/// </summary>
internal static partial class NetworkSumRule
{
    private const string Operators = "+-*/%&|^=<>!";

    public static void Visit(CodeNode node, string function, NetworkVariables variables, SourceText text, MistakeList found)
    {
        switch (node)
        {
            case { Kind: CXCursorKind.CXCursor_BinaryOperator, Children: [var left, var right] } when IsSum(right, text):
                Add(variables.ValueOf(left.Plain.Cursor) is null ? right : left);
                break;
            case { Kind: CXCursorKind.CXCursor_CompoundAssignOperator, Children: [_, var added] } when IsSum(added, text):
                Add(added);
                break;
            case { Kind: CXCursorKind.CXCursor_CallExpr, Children: [_, _, var added, ..] } when IsAtomicSum(node.Callee):
                Add(added);
                break;
        }

        void Add(CodeNode operand)
        {
            if (variables.ValueOf(operand.Plain.Cursor) is { } value && !Endpoint().IsMatch(value.Shown) && !IsOfChecksum(node, function))
            {
                string written = text.Expression(operand.Plain.Cursor);
                found.Add(SourceIds.NetworkSum, operand.Plain.Cursor, value.Shown, $"{value.ToMachine}({(written.Length > 0 ? written : value.Name)})");
            }
        }
    }

    private static bool IsSum(CodeNode right, SourceText text)
    {
        (nint file, uint offset, _) = text.Written(clang.getRangeStart(clang.getCursorExtent(right.Cursor)));
        return text.OperatorBefore(file, offset, Operators) is "+" or "-" or "*" or "+=" or "-=" or "*=";
    }

    private static bool IsAtomicSum(string callee) => callee.StartsWith("__sync_fetch_and_add", StringComparison.Ordinal) || callee.StartsWith("__sync_add_and_fetch", StringComparison.Ordinal)
        || callee.StartsWith("__atomic_fetch_add", StringComparison.Ordinal) || callee.StartsWith("__atomic_add_fetch", StringComparison.Ordinal);

    // The names of the whole statement, and of the function.
    private static bool IsOfChecksum(CodeNode node, string function)
    {
        CodeNode whole = node;
        while (whole.Parent is { Kind: >= CXCursorKind.CXCursor_UnexposedExpr and < CXCursorKind.CXCursor_CompoundStmt or CXCursorKind.CXCursor_VarDecl } outer)
        {
            whole = outer;
        }

        return Checksum().IsMatch(function) || whole.All().Any(static one => one.Kind is CXCursorKind.CXCursor_DeclRefExpr or CXCursorKind.CXCursor_MemberRefExpr or CXCursorKind.CXCursor_VarDecl
            && Checksum().IsMatch(Cursors.Spelling(one.Cursor)));
    }

    [GeneratedRegex("addr|port|proto|dest|source|ip[46]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Endpoint();

    [GeneratedRegex("sum|check|hash|seed|fold|mix|rand|cookie", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Checksum();
}
