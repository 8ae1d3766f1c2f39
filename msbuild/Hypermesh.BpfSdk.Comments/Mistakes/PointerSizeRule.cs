using System.Globalization;
using System.Text.RegularExpressions;
using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>
/// Finds <c>sizeof</c> of a pointer where the size of other memory is meant: as the size that a helper gets after a buffer, and as the length of a header. The size of the pointer itself
/// is right where 8 bytes are copied.
/// </summary>
internal static partial class PointerSizeRule
{
    private const int Address = 8;
    private const string Helpers = "bpf_";

    // What is sent is compared with the type that C# reads (HMBPF2522).
    private static readonly string[] s_sending = ["bpf_ringbuf_output", "bpf_ringbuf_reserve", "bpf_perf_event_output", "bpf_skb_output", "bpf_xdp_output"];

    public static void Visit(CodeNode node, SourceText text, MistakeList found)
    {
        if (node.Callee.StartsWith(Helpers, StringComparison.Ordinal))
        {
            VisitCall(node, text, found);
        }
        else if (node is { Kind: CXCursorKind.CXCursor_BinaryOperator or CXCursorKind.CXCursor_CompoundAssignOperator, Children: [var left, var right] })
        {
            if (LengthIn(left, right, text) is { } length && (IsSum(right, text) || IsLimit(left, right, text)))
            {
                Add(length, text, found);
            }
        }

        if (node.Assigned is var (target, value) && Types.Target(clang.getCursorType(target)) is null && Offset().IsMatch(Cursors.Spelling(target)) && HeaderOf(value.Plain, text) is { } header)
        {
            Add(header, text, found);
        }
    }

    /// <summary>Returns the pointer of <c>sizeof(pointer)</c>; null for another expression.</summary>
    public static CodeNode? PointerOf(CodeNode node, SourceText text)
    {
        if (node is not { Kind: CXCursorKind.CXCursor_UnaryExpr, Children: [var operand] }
            || operand.Plain is not { Kind: CXCursorKind.CXCursor_DeclRefExpr or CXCursorKind.CXCursor_MemberRefExpr, Type.kind: CXTypeKind.CXType_Pointer } pointer)
        {
            return null;
        }

        (nint file, uint offset) = text.Spelled(clang.getCursorLocation(node.Cursor));
        return text.WordAt(file, offset) == "sizeof" ? pointer : null;
    }

    private static void VisitCall(CodeNode call, SourceText text, MistakeList found)
    {
        if (s_sending.Contains(call.Callee))
        {
            return;
        }

        for (int i = 2; i < call.Children.Count; i++)
        {
            if (PointerOf(call.Children[i].Uncast, text) is { } pointer && call.Children[i - 1].Uncast is var buffer && MemoryOf(buffer) is var memory)
            {
                string name = NameOf(buffer, text);
                if (memory is var (shown, bytes))
                {
                    if (bytes != Address)
                    {
                        string whole = shown.Replace("{0}", name, StringComparison.Ordinal);
                        Report(call.Children[i], pointer, $"'{whole}', which {call.Callee} gets, has {bytes.ToString(CultureInfo.InvariantCulture)} bytes", $"sizeof({whole})", text, found);
                    }
                }
                else if (name == NameOf(pointer, text) && Types.Target(pointer.Type) is { } target && clang.Type_getSizeOf(target) != Address)
                {
                    Report(call.Children[i], pointer, $"{call.Callee} uses only 8 bytes of that memory", $"the number of bytes there, or declare '{name}' as an array", text, found);
                }
            }
        }
    }

    // How C names the memory that a buffer is, and its size; null where only the place is known. Addresses may be in an array of them.
    private static (string Shown, long Bytes)? MemoryOf(CodeNode buffer) => buffer switch
    {
        { Type.kind: CXTypeKind.CXType_ConstantArray } => ("{0}", clang.Type_getSizeOf(clang.getArrayElementType(buffer.Type)) == Address ? Address : clang.Type_getSizeOf(buffer.Type)),
        { Kind: CXCursorKind.CXCursor_UnaryOperator, Children: [{ Plain.Kind: CXCursorKind.CXCursor_DeclRefExpr or CXCursorKind.CXCursor_MemberRefExpr } inner] } when Types.Target(buffer.Type) is not null
            => MemoryOf(inner.Plain) is { Shown: "{0}" } array ? array : ("{0}", clang.Type_getSizeOf(inner.Type)),
        { Kind: CXCursorKind.CXCursor_DeclRefExpr or CXCursorKind.CXCursor_MemberRefExpr } when Types.Target(buffer.Type) is { kind: CXTypeKind.CXType_Record } target && clang.Type_getSizeOf(target) is > 0 and long bytes
            => ("*{0}", bytes),
        _ => null,
    };

    // The side of a sum or comparison that is the size of a pointer to a struct. A sum with a pointer to something larger than a byte is HMBPF2530.
    private static CodeNode? LengthIn(CodeNode left, CodeNode right, SourceText text)
    {
        (CodeNode? length, CodeNode other) = HeaderOf(right.Plain, text) is { } last ? (last, left) : (HeaderOf(left.Plain, text), right);
        return length is not null && (Types.Target(other.Type) is not { } target || clang.Type_getSizeOf(target) <= 1) ? length : null;
    }

    private static CodeNode? HeaderOf(CodeNode node, SourceText text)
        => PointerOf(node, text) is { } pointer && Types.Target(pointer.Type) is { kind: CXTypeKind.CXType_Record } target && clang.Type_getSizeOf(target) is > 0 and not Address ? pointer : null;

    private static bool IsSum(CodeNode right, SourceText text)
    {
        (nint file, uint offset, _) = text.Written(clang.getRangeStart(clang.getCursorExtent(right.Cursor)));
        return text.OperatorBefore(file, offset, "+-*/%&|^=<>!") is "+" or "+=";
    }

    private static bool IsLimit(CodeNode left, CodeNode right, SourceText text)
    {
        (nint file, uint offset, _) = text.Written(clang.getRangeStart(clang.getCursorExtent(right.Cursor)));
        return text.ComparisonBefore(file, offset) is "<" or ">" or "<=" or ">=" && (Types.Value(left.Plain.Cursor) is null || Types.Value(right.Plain.Cursor) is null);
    }

    private static void Add(CodeNode pointer, SourceText text, MistakeList found)
    {
        CXType target = Types.Target(pointer.Type)!.Value;
        string bytes = clang.Type_getSizeOf(target).ToString(CultureInfo.InvariantCulture);
        Report(pointer, pointer, $"{Types.Unqualified(target)} has {bytes} bytes", $"sizeof(*{NameOf(pointer, text)})", text, found);
    }

    private static void Report(CodeNode at, CodeNode pointer, string meant, string remedy, SourceText text, MistakeList found)
        => found.Add(SourceIds.PointerSize, at.Cursor, NameOf(pointer, text), meant, remedy);

    // What an address is of, else the expression itself.
    private static string NameOf(CodeNode node, SourceText text)
    {
        CodeNode named = node is { Kind: CXCursorKind.CXCursor_UnaryOperator, Children: [var inner] } ? inner.Plain : node;
        return text.Expression(named.Cursor) is { Length: > 0 } written ? written : Cursors.Spelling(named.Cursor);
    }

    [GeneratedRegex("off|hdr|len", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Offset();
}
