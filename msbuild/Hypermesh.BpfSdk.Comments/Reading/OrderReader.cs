namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>A comparison of a value in network order with a constant in the machine's order.</summary>
/// <param name="File">The file it is in, from the project's folder; empty for the C file itself.</param>
/// <param name="Line">The line of the constant.</param>
/// <param name="Value">The value in network byte order.</param>
/// <param name="Constant">The constant as it is written.</param>
/// <param name="Remedy">What to write in its place.</param>
internal sealed record OrderMistake(string File, int Line, NetworkValue Value, string Constant, string Remedy);

/// <summary>Collects the comparisons in the functions of a C file whose two sides have different byte orders. A comparison that may be intended is left out.</summary>
internal sealed unsafe class OrderReader
{
    // Expressions and statements written by hand are not nested deeper.
    private const int MaximumDepth = 200;

    private readonly SourceFiles _files;
    private readonly SourceText _text = new();
    private readonly CXCursor _unit;
    private readonly List<OrderMistake> _found = [];
    private NetworkVariables _variables = NetworkVariables.None;

    private OrderReader(SourceFiles files, CXCursor unit) => (_files, _unit) = (files, unit);

    public static List<OrderMistake> Read(Request request, RequestedProgram program, CXCursor unit)
    {
        OrderReader reader = new(new SourceFiles(request, program.Source), unit);
        foreach (CXCursor cursor in Cursors.Children(unit))
        {
            if (cursor.kind == CXCursorKind.CXCursor_FunctionDecl && reader._files.TryPlace(clang.getCursorLocation(cursor), out _, out _, out _))
            {
                reader._variables = NetworkVariables.Of([.. CodeNode.Of(cursor).All()]);
                reader.Visit(cursor, null, 0);
            }
        }

        return [.. reader._found.Distinct()];
    }

    // The cases of a switch are somewhere within its body.
    private void Visit(CXCursor cursor, NetworkValue? switched, int depth)
    {
        if (depth > MaximumDepth)
        {
            return;
        }

        List<CXCursor> children = Cursors.Children(cursor);
        switch (cursor.kind)
        {
            case CXCursorKind.CXCursor_BinaryOperator when children is [var left, var right]:
                Compare(left, right);
                break;
            case CXCursorKind.CXCursor_SwitchStmt when children.Count > 0:
                switched = _variables.ValueOf(NetworkValue.Plain(children[0]));
                break;
            case CXCursorKind.CXCursor_CaseStmt when children.Count > 0 && switched is not null:
                Add(switched, children[0], isOrdering: false);
                break;
        }

        foreach (CXCursor child in children)
        {
            Visit(child, switched, depth + 1);
        }
    }

    private void Compare(CXCursor left, CXCursor right)
    {
        NetworkValue? value = _variables.ValueOf(NetworkValue.Plain(left));
        CXCursor constant = value is null ? left : right;
        value ??= _variables.ValueOf(NetworkValue.Plain(right));
        if (value is null || !IsConstant(NetworkValue.Plain(constant)))
        {
            return;
        }

        (nint file, uint offset, _) = _text.Written(clang.getRangeStart(clang.getCursorExtent(right)));
        string comparison = _text.ComparisonBefore(file, offset);
        if (comparison.Length > 0)
        {
            Add(value, constant, isOrdering: comparison is not ("==" or "!="));
        }
    }

    private void Add(NetworkValue value, CXCursor expression, bool isOrdering)
    {
        CXCursor constant = NetworkValue.Plain(expression);
        CXSourceLocation location = clang.getCursorLocation(constant);
        (nint file, uint offset, int line) = _text.Written(location);
        string written = _text.WordAt(file, offset);
        if (written.Length == 0 || LiteralOf(constant) is not { } literal || MachineOrder.Value(literal.Text) is not { } number || !_files.TryPlace(location, out string name, out _, out _)
            || MachineOrder.IsNamedNetwork(written) || MachineOrder.IsSameInBoth(number, value.Bytes)
            || (!literal.IsOfSystem && !MachineOrder.IsCertain(literal.Text, number, value.Bytes)))
        {
            return;
        }

        string remedy = isOrdering ? $"{value.ToMachine}({value.Name})" : $"{value.ToNetwork}({written})";
        _found.Add(new OrderMistake(name, line, value, written, remedy));
    }

    private static bool IsConstant(CXCursor expression)
        => expression.kind == CXCursorKind.CXCursor_IntegerLiteral
            || (expression.kind == CXCursorKind.CXCursor_DeclRefExpr && clang.getCursorReferenced(expression).kind == CXCursorKind.CXCursor_EnumConstantDecl);

    // Returns the number as it is written, also in the definition of a macro or an enum. A computed value may be swapped already. A macro of the system's headers is documented
    // to be in the machine's order; of an enum only one that is written by the user is read, because those of vmlinux.h are values that the kernel computed.
    private (string Text, bool IsOfSystem)? LiteralOf(CXCursor constant)
    {
        CXCursor literal = constant;
        if (constant.kind == CXCursorKind.CXCursor_DeclRefExpr)
        {
            CXCursor declaration = clang.getCursorReferenced(constant);
            if (declaration.kind != CXCursorKind.CXCursor_EnumConstantDecl || Cursors.Children(declaration) is not [var initializer]
                || !_files.TryPlace(clang.getCursorLocation(declaration), out _, out _, out _))
            {
                return null;
            }

            literal = NetworkValue.Plain(initializer);
        }

        if (literal.kind != CXCursorKind.CXCursor_IntegerLiteral)
        {
            return null;
        }

        (nint file, uint offset) = _text.Spelled(clang.getCursorLocation(literal));
        string text = _text.WordAt(file, offset);
        if (MachineOrder.Value(text) is null)
        {
            // libclang before 17 returns the place where the macro is used, and a macro of the command line has no file.
            return Types.Value(literal) is { } value ? ($"0x{(ulong)value:x}", false) : null;
        }

        return (text, clang.Location_isInSystemHeader(clang.getLocationForOffset(clang.Cursor_getTranslationUnit(_unit), (void*)file, offset)) != 0);
    }
}
