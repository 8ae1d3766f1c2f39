using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>
/// Finds ports, lengths and protocols in network order that are copied to what C# sees as a plain number: a member of the user's structs, a global variable, or a variable that is the
/// key or value of a map. A member that the C converts elsewhere, or compares with a converted value, has that order on purpose. Addresses are left out: C# makes them from their bytes.
/// </summary>
internal sealed class NetworkCopyRule(SourceFiles files, SourceText text)
{
    private const int Port = 2;

    // A sequence number has as many bytes as an address.
    private const string Sequence = "seq";

    private readonly HashSet<string> _converted = new(StringComparer.Ordinal);
    private readonly List<(CodeNode Value, NetworkValue From, string To, string Target)> _copies = [];

    public void Read(IReadOnlyList<CodeNode> code, NetworkVariables variables)
    {
        foreach (CodeNode node in code)
        {
            if (node.Callee.StartsWith("__builtin_bswap", StringComparison.Ordinal))
            {
                SeeConversion(node);
            }
            else if (Target(node) is var (target, value) && variables.ValueOf(value.Plain.Cursor) is { } from && IsNumber(from) && ToOf(target, from) is { } to)
            {
                _copies.Add((value, from, to, Cursors.Spelling(target)));
            }
        }

        foreach (NetworkVariable variable in variables.All)
        {
            if (variable is { Value: { } has, First: { } first } && IsNumber(NetworkValue.Of(first.Plain.Cursor)!) && variable.Calls.Select(static one => RoleOf(one.Call, one.Argument)).FirstOrDefault(static role => role.Length > 0) is { } role)
            {
                _copies.Add((first, NetworkValue.Of(first.Plain.Cursor)!, $"'{has.Name}', {role},", has.Name));
            }
        }
    }

    public void Report(MistakeList found)
    {
        foreach ((CodeNode value, NetworkValue from, string to, string target) in _copies)
        {
            if (!_converted.Contains(target) && !MachineOrder.IsNamedNetwork(target))
            {
                string written = text.Expression(value.Plain.Cursor);
                found.Add(SourceIds.NetworkCopy, value.Plain.Cursor, from.Shown, to, $"{from.ToMachine}({(written.Length > 0 ? written : from.Name)})", from.Bytes == Port ? "__be16" : "__be32");
            }
        }
    }

    private static bool IsNumber(NetworkValue value) => value.Bytes == Port || value.Name.Contains(Sequence, StringComparison.Ordinal) || value.Name.EndsWith("_port", StringComparison.Ordinal);

    // All names of the expression that has the conversion, also on the other side of a comparison. What an assignment sets is converted, and is not meant to be in network order.
    private void SeeConversion(CodeNode call)
    {
        CodeNode whole = call;
        while (whole.Parent is { Kind: >= CXCursorKind.CXCursor_UnexposedExpr and < CXCursorKind.CXCursor_CompoundStmt } outer && Target(outer) is null)
        {
            whole = outer;
        }

        foreach (CodeNode one in whole.All().Where(static one => one.Kind is CXCursorKind.CXCursor_DeclRefExpr or CXCursorKind.CXCursor_MemberRefExpr))
        {
            _converted.Add(Cursors.Spelling(one.Cursor));
        }
    }

    // A declared variable is one of NetworkVariables.
    private static (CXCursor Target, CodeNode Value)? Target(CodeNode node) => node.Kind == CXCursorKind.CXCursor_VarDecl ? null : node.Assigned;

    // A member or variable that C# sees as a number.
    private string? ToOf(CXCursor target, NetworkValue from)
    {
        CXType type = clang.getCursorType(target);
        CXCursor owner = clang.getCursorSemanticParent(target);
        bool isSeen = target.kind switch
        {
            CXCursorKind.CXCursor_FieldDecl => true,
            CXCursorKind.CXCursor_VarDecl => owner.kind != CXCursorKind.CXCursor_FunctionDecl,
            _ => false,
        };
        return isSeen && NetworkValue.BytesOf(type) == 0 && clang.Type_getSizeOf(type) >= from.Bytes && files.TryPlace(clang.getCursorLocation(target), out _, out _, out _)
            ? $"'{Cursors.Spelling(target)}'{(Cursors.Spelling(owner) is { Length: > 0 } name && target.kind == CXCursorKind.CXCursor_FieldDecl ? $" of struct {name}" : "")}"
            : null;
    }

    // Empty where the map's own type says that it is in network order, or the map is not known.
    private static string RoleOf(CodeNode call, int argument)
    {
        if (call.Children is not [_, var map, ..] || map.Uncast is not { Kind: CXCursorKind.CXCursor_UnaryOperator, Children: [{ Kind: CXCursorKind.CXCursor_DeclRefExpr } named] } || argument is not (2 or 3))
        {
            return "";
        }

        string member = argument == 2 ? "key" : "value";
        CXCursor declared = Cursors.Children(clang.getTypeDeclaration(clang.getCanonicalType(clang.getCursorType(named.Declaration)))).Find(one => Cursors.Spelling(one) == member);
        return declared.kind == CXCursorKind.CXCursor_FieldDecl && clang.getCursorType(declared) is { kind: CXTypeKind.CXType_Pointer } pointer && NetworkValue.BytesOf(clang.getPointeeType(pointer)) == 0
            ? $"a {member} of '{Cursors.Spelling(named.Cursor)}'"
            : "";
    }
}
