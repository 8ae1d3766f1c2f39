namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>Facts about types of the C.</summary>
internal static class Types
{
    public static string Name(CXType type)
    {
        using CXString name = clang.getTypeSpelling(type);
        return name.CString;
    }

    /// <summary>Returns what a pointer points to, past type names; null for another type.</summary>
    public static CXType? Target(CXType type)
        => clang.getCanonicalType(type) is { kind: CXTypeKind.CXType_Pointer } pointer ? clang.getCanonicalType(clang.getPointeeType(pointer)) : null;

    /// <summary>Returns the name of a type without its qualifiers, such as <c>struct event</c>.</summary>
    public static string Unqualified(CXType type)
        => string.Join(' ', Name(type).Split(' ').Where(static word => word is not ("const" or "volatile")));

    /// <summary>Returns the value of a constant expression; null for another.</summary>
    public static unsafe long? Value(CXCursor expression)
    {
        void* result = clang.Cursor_Evaluate(expression);
        if (result is null)
        {
            return null;
        }

        long value = clang.EvalResult_getAsLongLong(result);
        clang.EvalResult_dispose(result);
        return value;
    }
}
