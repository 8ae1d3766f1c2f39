using static Hypermesh.BpfSdk.Comments.Reading.Cursors;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>Collects what a C file declares: functions, variables, types, fields and constants, each with its place and its comment.</summary>
internal sealed unsafe class DeclarationReader
{
    private readonly SourceFiles _files;
    private readonly List<Declaration> _found = [];

    private DeclarationReader(Request request, RequestedProgram program) => _files = new SourceFiles(request, program.Source);

    public static List<Declaration> Read(Request request, RequestedProgram program, CXCursor unit)
    {
        DeclarationReader reader = new(request, program);
        foreach (CXCursor cursor in Children(unit))
        {
            if (reader._files.TryPlace(clang.getCursorLocation(cursor), out _, out _, out _))
            {
                reader.AddGlobal(cursor);
            }
        }

        return reader._found;
    }

    private void AddGlobal(CXCursor cursor)
    {
        switch (cursor.kind)
        {
            case CXCursorKind.CXCursor_StructDecl or CXCursorKind.CXCursor_UnionDecl or CXCursorKind.CXCursor_EnumDecl:
                AddType(cursor);
                break;
            case CXCursorKind.CXCursor_FunctionDecl:
                Add(Spelling(cursor), cursor, null);
                break;
            case CXCursorKind.CXCursor_VarDecl:
                AddVariable(cursor);
                break;
            case CXCursorKind.CXCursor_TypedefDecl:
                AddTypedef(cursor);
                break;
        }
    }

    private void AddType(CXCursor cursor)
    {
        bool isEnum = cursor.kind == CXCursorKind.CXCursor_EnumDecl;
        if (clang.isCursorDefinition(cursor) == 0 || (IsAnonymous(cursor) && !isEnum))
        {
            // A type without a name is documented where it is used.
            return;
        }

        // A struct that has a name only from a typedef has that name here too.
        string key = $"{Keyword(cursor.kind)} {Spelling(cursor)}";
        Declaration? type = IsAnonymous(cursor) ? null : Add(key, cursor, null);
        if (!isEnum)
        {
            AddFields(cursor, key, type);
            return;
        }

        foreach (CXCursor constant in Children(cursor))
        {
            if (constant.kind == CXCursorKind.CXCursor_EnumConstantDecl)
            {
                Add(Spelling(constant), constant, type);
            }
        }
    }

    private void AddFields(CXCursor record, string key, Declaration? owner)
    {
        foreach (CXCursor child in Children(record))
        {
            if (child.kind == CXCursorKind.CXCursor_FieldDecl && Spelling(child) is { Length: > 0 } name)
            {
                Declaration? field = Add($"{key}.{name}", child, owner);
                if (TryAnonymous(clang.getCursorType(child), out CXCursor nested))
                {
                    AddFields(nested, $"{key}.{name}", field);
                }
            }
            else if (IsRecord(child) && clang.Cursor_isAnonymousRecordDecl(child) != 0)
            {
                AddFields(child, key, owner);
            }
            else if (IsRecord(child) || child.kind == CXCursorKind.CXCursor_EnumDecl)
            {
                AddType(child);
            }
        }
    }

    private void AddVariable(CXCursor cursor)
    {
        string name = Spelling(cursor);
        Declaration? variable = Add(name, cursor, null);
        if (!TryAnonymous(clang.getCursorType(cursor), out CXCursor record))
        {
            return;
        }

        if (variable is { Comment.Length: 0 })
        {
            // The comment is above a struct that is defined in the declaration of its only variable.
            variable.Comment = CommentOf(record);
        }

        List<CXCursor> fields = [.. Children(record).Where(static child => child.kind == CXCursorKind.CXCursor_FieldDecl)];
        if (!fields.TrueForAll(IsPointer))
        {
            AddFields(record, name, variable);
            return;
        }

        // A map: its members describe it by their types; only a key or value that is defined within it has fields.
        foreach (CXCursor field in fields)
        {
            if (TryAnonymous(clang.getPointeeType(clang.getCursorType(field)), out CXCursor value))
            {
                AddFields(value, $"{name}.{Spelling(field)}", null);
            }
        }
    }

    private void AddTypedef(CXCursor cursor)
    {
        CXCursor type = clang.getTypeDeclaration(clang.getTypedefDeclUnderlyingType(cursor));
        string key = $"{Keyword(type.kind)} {Spelling(type)}";
        if (Spelling(type) != Spelling(cursor) || _found.FindLast(found => found.Key == key) is not { } found)
        {
            return;
        }

        if (found.Comment.Length == 0)
        {
            // The comment is above the keyword typedef.
            found.Comment = CommentOf(cursor);
        }

        // Without a tag, its place is that of the keyword struct; the name comes from the typedef.
        SourcePosition start = SourcePosition.Of(clang.getRangeStart(clang.getCursorExtent(type)));
        if (start == SourcePosition.Of(clang.getCursorLocation(type)))
        {
            SourcePosition name = SourcePosition.Of(clang.getCursorLocation(cursor));
            found.MoveTo(name.Line, name.Column);
        }
    }

    private Declaration? Add(string key, CXCursor cursor, Declaration? owner)
    {
        if (!_files.TryPlace(clang.getCursorLocation(cursor), out string file, out int line, out int column))
        {
            return null;
        }

        Declaration declaration = new(key, file, line, column, owner, clang.isCursorDefinition(cursor) != 0) { Comment = CommentOf(cursor) };
        _found.Add(declaration);
        return declaration;
    }

    private static string CommentOf(CXCursor cursor)
    {
        using CXString raw = clang.Cursor_getRawCommentText(cursor);
        string text = raw.CString;
        return text.Length == 0 || !IsAdjacent(cursor) ? "" : CommentText.Clean(text);
    }

    // A comment with an empty line after it is about the file or a part of it.
    private static bool IsAdjacent(CXCursor cursor)
        => SourcePosition.Of(clang.getRangeStart(clang.getCursorExtent(cursor))).Line
            - SourcePosition.Of(clang.getRangeEnd(clang.Cursor_getCommentRange(cursor))).Line <= 1;

    private static bool TryAnonymous(CXType type, out CXCursor record)
    {
        while (type.kind is CXTypeKind.CXType_ConstantArray or CXTypeKind.CXType_IncompleteArray)
        {
            type = clang.getArrayElementType(type);
        }

        // The type itself, past typeof() and type names.
        record = clang.getTypeDeclaration(clang.getCanonicalType(type));
        return IsRecord(record) && IsAnonymous(record);
    }

    private static bool IsPointer(CXCursor field)
    {
        CXType type = clang.getCursorType(field);
        return (type.kind == CXTypeKind.CXType_IncompleteArray ? clang.getArrayElementType(type) : type).kind == CXTypeKind.CXType_Pointer;
    }

    private static bool IsRecord(CXCursor cursor) => cursor.kind is CXCursorKind.CXCursor_StructDecl or CXCursorKind.CXCursor_UnionDecl;

    private static bool IsAnonymous(CXCursor cursor) => clang.Cursor_isAnonymous(cursor) != 0;

    private static string Keyword(CXCursorKind kind) => kind switch
    {
        CXCursorKind.CXCursor_UnionDecl => "union",
        CXCursorKind.CXCursor_EnumDecl => "enum",
        _ => "struct",
    };
}
