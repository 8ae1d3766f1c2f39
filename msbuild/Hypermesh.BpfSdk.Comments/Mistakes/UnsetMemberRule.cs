using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>
/// Finds records of which a member is never set: those that a ring buffer reserves, and variables that are sent or used as a key or value of a map. A member counts as set where
/// the function names it at all, and nothing is reported of a record that anything else may fill.
/// </summary>
internal sealed class UnsetMemberRule(CXCursor variable, CXCursor record, bool isPointer)
{
    private static readonly string[] s_releases = ["bpf_ringbuf_submit", "bpf_ringbuf_discard"];

    // Helpers that read what they get the address of.
    private static readonly string[] s_readers =
    [
        "bpf_ringbuf_output", "bpf_perf_event_output", "bpf_map_lookup_elem", "bpf_map_update_elem", "bpf_map_delete_elem", "bpf_map_push_elem",
    ];

    // Who writes into a member and beyond it names the member only.
    private static readonly string[] s_copies = ["memset", "memcpy", "memmove", "__builtin_memset", "__builtin_memcpy", "__builtin_memmove"];

    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private CXCursor? _start;
    private bool _isSent;

    public static void Read(List<CodeNode> code, SourceText text, MistakeList found)
    {
        foreach (CodeNode node in code)
        {
            if (node.Kind == CXCursorKind.CXCursor_VarDecl && RecordOf(node) is var (record, isPointer))
            {
                var rule = new UnsetMemberRule(node.Cursor, record, isPointer);
                if (code.TrueForAll(one => rule.Allows(one, text)) && rule._isSent && rule._start is { } start)
                {
                    rule.Report(start, found);
                }
            }
        }
    }

    // The struct that a variable points to, or is and has no initial value.
    private static (CXCursor Record, bool IsPointer)? RecordOf(CodeNode node)
    {
        CXType? target = Types.Target(node.Type);
        CXType type = target ?? node.Type;
        CXCursor record = clang.getTypeDeclaration(type);
        bool isOfFunction = clang.getCursorSemanticParent(node.Cursor).kind == CXCursorKind.CXCursor_FunctionDecl;
        return type.kind == CXTypeKind.CXType_Record && record.kind == CXCursorKind.CXCursor_StructDecl && isOfFunction && clang.isCursorDefinition(record) != 0
            && (target is not null || !HasInitializer(node)) ? (record, target is not null) : null;
    }

    // A variable of a struct has no other expression in its declaration; a static one is zero.
    private static bool HasInitializer(CodeNode node)
        => clang.Cursor_getStorageClass(node.Cursor) == CX_StorageClass.CX_SC_Static || node.Children.Exists(static child => child.Kind >= CXCursorKind.CXCursor_UnexposedExpr);

    // False where something may fill the record that is not seen here.
    private bool Allows(CodeNode node, SourceText text)
    {
        if (node.Kind == CXCursorKind.CXCursor_VarDecl && Cursors.AreSame(node.Cursor, variable))
        {
            return !isPointer || node.Children is not [.., { Kind: >= CXCursorKind.CXCursor_UnexposedExpr } value] || IsReserved(value, text);
        }

        if (node.Kind != CXCursorKind.CXCursor_DeclRefExpr || !Cursors.AreSame(node.Declaration, variable))
        {
            return true;
        }

        CodeNode outer = node;
        string first = "";
        while (outer.User is { Kind: CXCursorKind.CXCursor_MemberRefExpr } member)
        {
            _named.Add(Cursors.Spelling(member.Cursor));
            first = first.Length == 0 ? Cursors.Spelling(member.Cursor) : first;
            outer = member;
        }

        return first.Length > 0 ? AllowsMember(outer) : isPointer ? AllowsPointer(node, text) : AllowsVariable(node);
    }

    private static bool AllowsMember(CodeNode member)
    {
        CodeNode place = member;
        CodeNode? user = member.User;
        if (user is { Kind: CXCursorKind.CXCursor_UnaryOperator } && Types.Target(user.Type) is not null)
        {
            (place, user) = (user, user.User);
            while (user is { Kind: CXCursorKind.CXCursor_CStyleCastExpr })
            {
                user = user.User;
            }

            // A kept address may be that of a part of the record.
            return user is { Kind: CXCursorKind.CXCursor_CallExpr } && !s_copies.Contains(user.Callee);
        }

        return user is not { Kind: CXCursorKind.CXCursor_CallExpr } || !s_copies.Contains(user.Callee) || place.Type.kind != CXTypeKind.CXType_Pointer;
    }

    private bool AllowsPointer(CodeNode node, SourceText text)
    {
        switch (node.User)
        {
            case { Kind: CXCursorKind.CXCursor_CallExpr } call when s_releases.Contains(call.Callee):
                _isSent |= call.Callee == s_releases[0];
                return true;
            case { Kind: CXCursorKind.CXCursor_UnaryOperator or CXCursorKind.CXCursor_BinaryOperator } test when test.Type.kind == CXTypeKind.CXType_Int:
                return true;
            case { Kind: CXCursorKind.CXCursor_BinaryOperator, Children: [var left, var value] } when left == node:
                return IsReserved(value, text);
            case { Kind: CXCursorKind.CXCursor_UnaryOperator, User.Kind: CXCursorKind.CXCursor_UnaryExpr } or { Kind: CXCursorKind.CXCursor_IfStmt }:
                // Only the size of the type is taken, or the pointer is compared.
                return true;
            default:
                return false;
        }
    }

    private bool AllowsVariable(CodeNode node)
    {
        if (node.User is { Kind: CXCursorKind.CXCursor_UnaryExpr })
        {
            return true;
        }

        if (node.User is not { Kind: CXCursorKind.CXCursor_UnaryOperator } address || Types.Target(address.Type) is null)
        {
            return false;
        }

        CodeNode? user = address.User;
        bool isRead = (user is { Kind: CXCursorKind.CXCursor_CallExpr } && s_readers.Contains(user.Callee))
            || (user is { Kind: CXCursorKind.CXCursor_VarDecl } && Cursors.Spelling(user.Cursor) == "hm_record");
        _isSent |= isRead;
        _start ??= isRead ? address.Cursor : null;
        return isRead;
    }

    // A whole record, not its first members.
    private bool IsReserved(CodeNode value, SourceText text)
    {
        CodeNode? call = value.All().FirstOrDefault(static one => one.Callee == "bpf_ringbuf_reserve");
        if (call?.Children is not [_, _, var size, _] || size.Plain.Kind != CXCursorKind.CXCursor_UnaryExpr || Types.Value(size.Plain.Cursor) != clang.Type_getSizeOf(clang.getCursorType(record)))
        {
            return false;
        }

        _start ??= value.Cursor;
        return true;
    }

    private void Report(CXCursor start, MistakeList found)
    {
        string[] unset = [.. Cursors.Children(record).Where(child => !IsNamed(child)).Select(NameOf)];
        if (unset.Length > 0)
        {
            string name = Cursors.Spelling(variable);
            found.Add(
                SourceIds.UnsetMember, start, name, Types.Unqualified(clang.getCursorType(record)), string.Join(", ", unset.Select(static member => $"'{member}'")), unset.Length > 1 ? "are" : "is",
                isPointer ? $"__builtin_memset({name}, 0, sizeof(*{name})) before its members are set" : $"{Types.Unqualified(clang.getCursorType(record))} {name} = {{}}");
        }
    }

    // A struct or union without a name has those of its members.
    private static string NameOf(CXCursor member)
        => member.kind == CXCursorKind.CXCursor_FieldDecl ? Cursors.Spelling(member) : Cursors.Children(member).Where(static child => child.kind == CXCursorKind.CXCursor_FieldDecl).Select(Cursors.Spelling).FirstOrDefault("");

    // Also a member that fills a gap, and one whose parts are members of the record themselves.
    private bool IsNamed(CXCursor child) => child.kind switch
    {
        CXCursorKind.CXCursor_FieldDecl when Cursors.Spelling(child) is { Length: > 0 } name => _named.Contains(name) || IsFiller(name) || clang.Type_getSizeOf(clang.getCursorType(child)) <= 0,
        CXCursorKind.CXCursor_StructDecl or CXCursorKind.CXCursor_UnionDecl when clang.Cursor_isAnonymousRecordDecl(child) != 0 => Cursors.Children(child).Exists(IsNamed),
        _ => true,
    };

    private static bool IsFiller(string name)
        => name.StartsWith('_') || name.Contains("pad", StringComparison.OrdinalIgnoreCase) || name.Contains("reserved", StringComparison.OrdinalIgnoreCase)
            || name.Contains("unused", StringComparison.OrdinalIgnoreCase) || name.Contains("hole", StringComparison.OrdinalIgnoreCase);
}
