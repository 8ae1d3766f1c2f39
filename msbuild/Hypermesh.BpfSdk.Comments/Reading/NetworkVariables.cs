namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>
/// The plain variables of a function that only ever have values in network order, as in <c>__u16 port = tcp->dest;</c>. A variable that anything else may write, also through its
/// address, is not one of them.
/// </summary>
internal sealed class NetworkVariables
{
    // Code written by hand has fewer; each is searched in the whole function.
    private const int Most = 64;

    // Helpers that read what they get the address of, and the place of the key and the value among their arguments.
    private static readonly string[] s_readers = ["bpf_map_lookup_elem", "bpf_map_update_elem", "bpf_map_delete_elem", "hm_lookup_or_add", "bpf_ringbuf_output", "bpf_perf_event_output"];

    private readonly List<NetworkVariable> _all;

    private NetworkVariables(List<NetworkVariable> all) => _all = all;

    /// <summary>No variables.</summary>
    public static NetworkVariables None { get; } = new([]);

    /// <summary>The variables.</summary>
    public IReadOnlyList<NetworkVariable> All => _all;

    /// <summary>Finds the variables of a function.</summary>
    /// <param name="code">All of its nodes.</param>
    public static NetworkVariables Of(IReadOnlyList<CodeNode> code)
    {
        var all = new List<NetworkVariable>();
        foreach (CXCursor variable in Candidates(code))
        {
            if (all.Count < Most && Read(variable, code) is { } found)
            {
                all.Add(found);
            }
        }

        return all.Count > 0 ? new NetworkVariables(all) : None;
    }

    /// <summary>Returns the value that an expression reads; null when it is not known to be in network byte order.</summary>
    /// <param name="expression">An expression without parentheses and implicit conversions around it.</param>
    public NetworkValue? ValueOf(CXCursor expression)
        => NetworkValue.Of(expression)
            ?? (_all.Count > 0 && expression.kind == CXCursorKind.CXCursor_DeclRefExpr && clang.getCursorReferenced(expression) is var named
                ? _all.Find(one => Cursors.AreSame(one.Variable, named))?.Value
                : null);

    private static List<CXCursor> Candidates(IReadOnlyList<CodeNode> code)
    {
        var found = new List<CXCursor>();
        foreach (CodeNode node in code)
        {
            CXCursor? variable = node switch
            {
                { Kind: CXCursorKind.CXCursor_VarDecl, Children: [.., var value] } when IsValue(value) => node.Cursor,
                { Kind: CXCursorKind.CXCursor_BinaryOperator, Children: [{ Kind: CXCursorKind.CXCursor_DeclRefExpr } left, var value] } when IsValue(value) => left.Declaration,
                _ => null,
            };
            if (variable is { kind: CXCursorKind.CXCursor_VarDecl } one && found.Count < Most && !found.Exists(other => Cursors.AreSame(other, one)) && IsPlainLocal(one))
            {
                found.Add(one);
            }
        }

        return found;
    }

    private static bool IsValue(CodeNode node) => NetworkValue.Of(node.Plain.Cursor) is not null;

    private static bool IsPlainLocal(CXCursor variable)
        => clang.getCursorSemanticParent(variable).kind == CXCursorKind.CXCursor_FunctionDecl && clang.Cursor_getStorageClass(variable) != CX_StorageClass.CX_SC_Static
            && NetworkValue.BytesOf(clang.getCursorType(variable)) == 0;

    private static NetworkVariable? Read(CXCursor variable, IReadOnlyList<CodeNode> code)
    {
        var found = new NetworkVariable(variable);
        return code.All(node => Allows(found, node)) && found.Value is not null ? found : null;
    }

    private static bool Allows(NetworkVariable variable, CodeNode node)
    {
        if (node.Kind == CXCursorKind.CXCursor_VarDecl && Cursors.AreSame(node.Cursor, variable.Variable))
        {
            return node.Children is not [.., { Kind: >= CXCursorKind.CXCursor_UnexposedExpr } value] || variable.Takes(value);
        }

        if (node.Kind != CXCursorKind.CXCursor_DeclRefExpr || !Cursors.AreSame(node.Declaration, variable.Variable))
        {
            return true;
        }

        switch (node.Parent)
        {
            case { Kind: CXCursorKind.CXCursor_BinaryOperator, Children: [var left, var value] } when left == node:
                return variable.Takes(value);
            case { Kind: CXCursorKind.CXCursor_UnaryOperator } address:
                return address.User is { Kind: CXCursorKind.CXCursor_CallExpr } call && s_readers.Contains(call.Callee) && variable.IsPassedTo(call, address);
            default:
                // Its value is read, or its size.
                return node.Parent is { Kind: CXCursorKind.CXCursor_UnexposedExpr or CXCursorKind.CXCursor_ParenExpr or CXCursorKind.CXCursor_UnaryExpr };
        }
    }
}

/// <summary>A plain variable with values in network order.</summary>
/// <param name="variable">Its declaration.</param>
internal sealed class NetworkVariable(CXCursor variable)
{
    private readonly List<(CodeNode Call, int Argument)> _calls = [];

    public CXCursor Variable => variable;

    /// <summary>What the variable has; null before a value was seen.</summary>
    public NetworkValue? Value { get; private set; }

    /// <summary>The expression that it gets first.</summary>
    public CodeNode? First { get; private set; }

    /// <summary>The calls that read it by its address, with the place among the arguments.</summary>
    public IReadOnlyList<(CodeNode Call, int Argument)> Calls => _calls;

    /// <summary>Sees a value that the variable gets; false for one that is not in network order, or does not fit. Zero is the same in both.</summary>
    public bool Takes(CodeNode value)
    {
        if (value.Plain.Kind == CXCursorKind.CXCursor_IntegerLiteral)
        {
            return Types.Value(value.Plain.Cursor) == 0;
        }

        NetworkValue? got = NetworkValue.Of(value.Plain.Cursor);
        if (got is null || (Value is { } before && before.Bytes != got.Bytes) || clang.Type_getSizeOf(clang.getCursorType(variable)) < got.Bytes)
        {
            return false;
        }

        Value ??= new NetworkValue(Cursors.Spelling(variable), "", got.Bytes) { Origin = got.Shown };
        First ??= value;
        return true;
    }

    public bool IsPassedTo(CodeNode call, CodeNode address)
    {
        int argument = call.Children.FindIndex(one => one.Plain == address || one.Uncast == address);
        _calls.Add((call, argument));
        return argument > 0;
    }
}
