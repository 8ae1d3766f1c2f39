namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>An expression or statement of a function, with what it is in and what is in it.</summary>
internal sealed class CodeNode
{
    // Code written by hand is not nested deeper.
    private const int MaximumDepth = 200;

    private CodeNode(CXCursor cursor, CodeNode? parent, int depth)
    {
        Cursor = cursor;
        Parent = parent;
        Children = depth > MaximumDepth ? [] : Cursors.Children(cursor).ConvertAll(child => new CodeNode(child, this, depth + 1));
    }

    public CXCursor Cursor { get; }

    public CodeNode? Parent { get; }

    public List<CodeNode> Children { get; }

    public CXCursorKind Kind => Cursor.kind;

    /// <summary>The type, past type names.</summary>
    public CXType Type => clang.getCanonicalType(clang.getCursorType(Cursor));

    /// <summary>The node without the parentheses and implicit conversions around it.</summary>
    public CodeNode Plain => IsWrapping && Children is [var inner] ? inner.Plain : this;

    /// <summary>The node without the parentheses and conversions around it, also those that are written.</summary>
    public CodeNode Uncast
        => Plain is { Kind: CXCursorKind.CXCursor_CStyleCastExpr, Children: [.., var inner] } ? inner.Uncast : Plain;

    /// <summary>What the node is in, past parentheses and implicit conversions.</summary>
    public CodeNode? User => Parent is { IsWrapping: true, Children.Count: 1 } ? Parent.User : Parent;

    /// <summary>What a name or member refers to.</summary>
    public CXCursor Declaration => clang.getCursorReferenced(Cursor);

    /// <summary>The name of the function that a call names; empty for other nodes.</summary>
    public string Callee => Kind == CXCursorKind.CXCursor_CallExpr && Children is [var callee, ..] ? Cursors.Spelling(callee.Plain.Declaration) : "";

    /// <summary>What an initializer or an assignment sets, with the value; null for another node. An operand of another operator is converted first.</summary>
    public (CXCursor Target, CodeNode Value)? Assigned => this switch
    {
        { Kind: CXCursorKind.CXCursor_VarDecl, Children: [.., var value] } => (Cursor, value),
        { Kind: CXCursorKind.CXCursor_BinaryOperator, Children: [{ Kind: CXCursorKind.CXCursor_DeclRefExpr or CXCursorKind.CXCursor_MemberRefExpr } left, var value] } => (left.Declaration, value),
        { Children: [{ Kind: CXCursorKind.CXCursor_MemberRef } member, var value] } => (member.Declaration, value),
        _ => null,
    };

    private bool IsWrapping => Kind is CXCursorKind.CXCursor_UnexposedExpr or CXCursorKind.CXCursor_ParenExpr;

    public static CodeNode Of(CXCursor function) => new(function, null, 0);

    /// <summary>Returns the node and all nodes within it.</summary>
    public IEnumerable<CodeNode> All() => Children.SelectMany(static child => child.All()).Prepend(this);
}
