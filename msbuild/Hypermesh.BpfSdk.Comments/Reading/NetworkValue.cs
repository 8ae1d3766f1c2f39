namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>A member or variable whose bytes are in network order.</summary>
/// <param name="Name">The member's or variable's name.</param>
/// <param name="Owner">The struct it is in, such as <c>struct iphdr</c>; empty for a variable and for a member of a type without a name.</param>
/// <param name="Bytes">How many bytes are swapped: 2, 4 or 8.</param>
internal sealed record NetworkValue(string Name, string Owner, int Bytes)
{
    private const int Port = 2;
    private const int Address = 4;

    // The contexts of programs declare these as plain numbers, and the kernel fills them in network order. A remote port has its two bytes in the upper half.
    private static readonly Dictionary<string, int> s_ofContexts = new(StringComparer.Ordinal)
    {
        ["bpf_sock_addr.user_ip4"] = Address,
        ["bpf_sock_addr.user_ip6"] = Address,
        ["bpf_sock_addr.user_port"] = Port,
        ["bpf_sock_addr.msg_src_ip4"] = Address,
        ["bpf_sock_addr.msg_src_ip6"] = Address,
        ["bpf_sock_ops.remote_ip4"] = Address,
        ["bpf_sock_ops.remote_ip6"] = Address,
        ["bpf_sock_ops.local_ip4"] = Address,
        ["bpf_sock_ops.local_ip6"] = Address,
        ["bpf_sock_ops.remote_port"] = Address,
        ["__sk_buff.remote_ip4"] = Address,
        ["__sk_buff.remote_ip6"] = Address,
        ["__sk_buff.local_ip4"] = Address,
        ["__sk_buff.local_ip6"] = Address,
        ["__sk_buff.remote_port"] = Address,
        ["__sk_buff.protocol"] = Port,
        ["__sk_buff.vlan_proto"] = Port,
        ["sk_msg_md.remote_ip4"] = Address,
        ["sk_msg_md.remote_ip6"] = Address,
        ["sk_msg_md.local_ip4"] = Address,
        ["sk_msg_md.local_ip6"] = Address,
        ["sk_msg_md.remote_port"] = Address,
        ["bpf_sock.src_ip4"] = Address,
        ["bpf_sock.src_ip6"] = Address,
        ["bpf_sock.dst_ip4"] = Address,
        ["bpf_sock.dst_ip6"] = Address,
        ["bpf_sk_lookup.remote_ip4"] = Address,
        ["bpf_sk_lookup.remote_ip6"] = Address,
        ["bpf_sk_lookup.local_ip4"] = Address,
        ["bpf_sk_lookup.local_ip6"] = Address,
        ["sk_reuseport_md.eth_protocol"] = Port,
    };

    /// <summary>What a plain variable got its value from, such as <c>'dest' of struct tcphdr</c>; empty for a value whose own type or member says so.</summary>
    public string Origin { get; init; } = "";

    /// <summary>The value as a message names it.</summary>
    public string Shown => Origin.Length > 0 ? $"'{Name}', which has {Origin}," : Owner.Length > 0 ? $"'{Name}' of {Owner}" : $"'{Name}'";

    /// <summary>The macro that converts the value to the byte order of the machine.</summary>
    public string ToMachine => Bytes switch { 2 => "bpf_ntohs", 4 => "bpf_ntohl", _ => "bpf_be64_to_cpu" };

    /// <summary>The macro that converts a number of the machine to the byte order of the value.</summary>
    public string ToNetwork => Bytes switch { 2 => "bpf_htons", 4 => "bpf_htonl", _ => "bpf_cpu_to_be64" };

    /// <summary>Returns the value that an expression reads; null when it is not known to be in network byte order.</summary>
    /// <param name="expression">An expression without parentheses and implicit conversions around it. A cast is not one of these, because it may be intended.</param>
    public static NetworkValue? Of(CXCursor expression)
    {
        CXCursor read = expression.kind == CXCursorKind.CXCursor_StmtExpr ? Result(expression) : expression;
        CXCursor named = read.kind == CXCursorKind.CXCursor_ArraySubscriptExpr && Cursors.Children(read) is [var array, ..] ? Plain(array) : read;
        if (named.kind is not (CXCursorKind.CXCursor_MemberRefExpr or CXCursorKind.CXCursor_DeclRefExpr))
        {
            return null;
        }

        CXCursor declaration = clang.getCursorReferenced(named);
        string name = Cursors.Spelling(declaration);
        string owner = declaration.kind == CXCursorKind.CXCursor_FieldDecl ? OwnerOf(declaration) : "";
        int bytes = BytesOf(clang.getCursorType(read));
        if (bytes == 0 && !s_ofContexts.TryGetValue($"{owner[(owner.IndexOf(' ', StringComparison.Ordinal) + 1)..]}.{name}", out bytes))
        {
            return null;
        }

        return new NetworkValue(name, owner, bytes);
    }

    /// <summary>Returns an expression without the parentheses and implicit conversions around it.</summary>
    public static CXCursor Plain(CXCursor expression)
    {
        while (expression.kind is CXCursorKind.CXCursor_UnexposedExpr or CXCursorKind.CXCursor_ParenExpr && Cursors.Children(expression) is [var inner])
        {
            expression = inner;
        }

        return expression;
    }

    /// <summary>Returns the size of an integer whose type says that it is in network byte order; 0 for another type.</summary>
    public static int BytesOf(CXType type) => Cursors.Spelling(clang.getTypeDeclaration(type)) switch
    {
        "__be16" => 2,
        "__be32" => 4,
        "__be64" => 8,
        _ => 0,
    };

    // BPF_CORE_READ is a block that declares a variable of the member's type and ends with its name.
    private static CXCursor Result(CXCursor block)
    {
        if (Cursors.Children(block) is [{ kind: CXCursorKind.CXCursor_CompoundStmt } body] && Cursors.Children(body) is [.., var last]
            && Plain(last) is { kind: CXCursorKind.CXCursor_DeclRefExpr } name)
        {
            return Cursors.Children(clang.getCursorReferenced(name)).FirstOrDefault(static part => part.kind is CXCursorKind.CXCursor_MemberRefExpr or CXCursorKind.CXCursor_ParenExpr, name) is var typed
                ? Plain(typed)
                : name;
        }

        return block;
    }

    // The members of a struct without a name belong to the surrounding struct.
    private static string OwnerOf(CXCursor field)
    {
        CXCursor record = clang.getCursorSemanticParent(field);
        while (record.kind is CXCursorKind.CXCursor_StructDecl or CXCursorKind.CXCursor_UnionDecl)
        {
            if (clang.Cursor_isAnonymous(record) == 0)
            {
                return $"{(record.kind == CXCursorKind.CXCursor_UnionDecl ? "union" : "struct")} {Cursors.Spelling(record)}";
            }

            record = clang.getCursorSemanticParent(record);
        }

        return "";
    }
}
