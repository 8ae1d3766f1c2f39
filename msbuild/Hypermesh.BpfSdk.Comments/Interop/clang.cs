using System.Runtime.InteropServices;

namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>
/// The functions of libclang that are used here, named and typed as in ClangSharp.Interop. <see cref="ResolveLibrary"/> returns the library that they are in;
/// without a result the loader searches <c>libclang</c>.
/// </summary>
internal static unsafe class clang
{
    private const string Library = "libclang";

    static clang() => NativeLibrary.SetDllImportResolver(
        typeof(clang).Assembly,
        static (name, assembly, path) => name == Library && ResolveLibrary is { } resolve ? resolve(name, assembly, path) : 0);

    public static event DllImportResolver? ResolveLibrary;

    [DllImport(Library, EntryPoint = "clang_createIndex", ExactSpelling = true)]
    public static extern void* createIndex(int excludeDeclarationsFromPCH, int displayDiagnostics);

    [DllImport(Library, EntryPoint = "clang_disposeIndex", ExactSpelling = true)]
    public static extern void disposeIndex(void* index);

    [DllImport(Library, EntryPoint = "clang_parseTranslationUnit2", ExactSpelling = true)]
    public static extern CXErrorCode parseTranslationUnit2(
        void* CIdx, sbyte* source_filename, sbyte** command_line_args, int num_command_line_args, CXUnsavedFile* unsaved_files, uint num_unsaved_files,
        uint options, CXTranslationUnitImpl** out_TU);

    [DllImport(Library, EntryPoint = "clang_disposeTranslationUnit", ExactSpelling = true)]
    public static extern void disposeTranslationUnit(CXTranslationUnitImpl* param0);

    [DllImport(Library, EntryPoint = "clang_getTranslationUnitCursor", ExactSpelling = true)]
    public static extern CXCursor getTranslationUnitCursor(CXTranslationUnitImpl* param0);

    [DllImport(Library, EntryPoint = "clang_visitChildren", ExactSpelling = true)]
    public static extern uint visitChildren(
        CXCursor parent, delegate* unmanaged[Cdecl]<CXCursor, CXCursor, void*, CXChildVisitResult> visitor, void* client_data);

    [DllImport(Library, EntryPoint = "clang_getCursorSpelling", ExactSpelling = true)]
    public static extern CXString getCursorSpelling(CXCursor param0);

    [DllImport(Library, EntryPoint = "clang_getCursorReferenced", ExactSpelling = true)]
    public static extern CXCursor getCursorReferenced(CXCursor param0);

    [DllImport(Library, EntryPoint = "clang_getCursorSemanticParent", ExactSpelling = true)]
    public static extern CXCursor getCursorSemanticParent(CXCursor cursor);

    [DllImport(Library, EntryPoint = "clang_Cursor_getTranslationUnit", ExactSpelling = true)]
    public static extern CXTranslationUnitImpl* Cursor_getTranslationUnit(CXCursor param0);

    [DllImport(Library, EntryPoint = "clang_isCursorDefinition", ExactSpelling = true)]
    public static extern uint isCursorDefinition(CXCursor param0);

    [DllImport(Library, EntryPoint = "clang_equalCursors", ExactSpelling = true)]
    public static extern uint equalCursors(CXCursor param0, CXCursor param1);

    [DllImport(Library, EntryPoint = "clang_Cursor_getStorageClass", ExactSpelling = true)]
    public static extern CX_StorageClass Cursor_getStorageClass(CXCursor param0);

    [DllImport(Library, EntryPoint = "clang_Cursor_isAnonymous", ExactSpelling = true)]
    public static extern uint Cursor_isAnonymous(CXCursor C);

    [DllImport(Library, EntryPoint = "clang_Cursor_isAnonymousRecordDecl", ExactSpelling = true)]
    public static extern uint Cursor_isAnonymousRecordDecl(CXCursor C);

    [DllImport(Library, EntryPoint = "clang_Cursor_getRawCommentText", ExactSpelling = true)]
    public static extern CXString Cursor_getRawCommentText(CXCursor C);

    [DllImport(Library, EntryPoint = "clang_Cursor_getCommentRange", ExactSpelling = true)]
    public static extern CXSourceRange Cursor_getCommentRange(CXCursor C);

    [DllImport(Library, EntryPoint = "clang_getCursorLocation", ExactSpelling = true)]
    public static extern CXSourceLocation getCursorLocation(CXCursor param0);

    [DllImport(Library, EntryPoint = "clang_getCursorExtent", ExactSpelling = true)]
    public static extern CXSourceRange getCursorExtent(CXCursor param0);

    [DllImport(Library, EntryPoint = "clang_getRangeStart", ExactSpelling = true)]
    public static extern CXSourceLocation getRangeStart(CXSourceRange range);

    [DllImport(Library, EntryPoint = "clang_getRangeEnd", ExactSpelling = true)]
    public static extern CXSourceLocation getRangeEnd(CXSourceRange range);

    [DllImport(Library, EntryPoint = "clang_getExpansionLocation", ExactSpelling = true)]
    public static extern void getExpansionLocation(CXSourceLocation location, void** file, uint* line, uint* column, uint* offset);

    [DllImport(Library, EntryPoint = "clang_getFileLocation", ExactSpelling = true)]
    public static extern void getFileLocation(CXSourceLocation location, void** file, uint* line, uint* column, uint* offset);

    [DllImport(Library, EntryPoint = "clang_getSpellingLocation", ExactSpelling = true)]
    public static extern void getSpellingLocation(CXSourceLocation location, void** file, uint* line, uint* column, uint* offset);

    [DllImport(Library, EntryPoint = "clang_getLocationForOffset", ExactSpelling = true)]
    public static extern CXSourceLocation getLocationForOffset(CXTranslationUnitImpl* tu, void* file, uint offset);

    [DllImport(Library, EntryPoint = "clang_Location_isInSystemHeader", ExactSpelling = true)]
    public static extern int Location_isInSystemHeader(CXSourceLocation location);

    [DllImport(Library, EntryPoint = "clang_getFileName", ExactSpelling = true)]
    public static extern CXString getFileName(void* SFile);

    [DllImport(Library, EntryPoint = "clang_getCursorType", ExactSpelling = true)]
    public static extern CXType getCursorType(CXCursor C);

    [DllImport(Library, EntryPoint = "clang_getTypedefDeclUnderlyingType", ExactSpelling = true)]
    public static extern CXType getTypedefDeclUnderlyingType(CXCursor C);

    [DllImport(Library, EntryPoint = "clang_getCanonicalType", ExactSpelling = true)]
    public static extern CXType getCanonicalType(CXType T);

    [DllImport(Library, EntryPoint = "clang_getTypeDeclaration", ExactSpelling = true)]
    public static extern CXCursor getTypeDeclaration(CXType T);

    [DllImport(Library, EntryPoint = "clang_getPointeeType", ExactSpelling = true)]
    public static extern CXType getPointeeType(CXType T);

    [DllImport(Library, EntryPoint = "clang_getArrayElementType", ExactSpelling = true)]
    public static extern CXType getArrayElementType(CXType T);

    [DllImport(Library, EntryPoint = "clang_Type_getSizeOf", ExactSpelling = true)]
    public static extern long Type_getSizeOf(CXType T);

    [DllImport(Library, EntryPoint = "clang_getTypeSpelling", ExactSpelling = true)]
    public static extern CXString getTypeSpelling(CXType CT);

    [DllImport(Library, EntryPoint = "clang_getNumArgTypes", ExactSpelling = true)]
    public static extern int getNumArgTypes(CXType T);

    [DllImport(Library, EntryPoint = "clang_getArgType", ExactSpelling = true)]
    public static extern CXType getArgType(CXType T, uint i);

    [DllImport(Library, EntryPoint = "clang_Cursor_Evaluate", ExactSpelling = true)]
    public static extern void* Cursor_Evaluate(CXCursor C);

    [DllImport(Library, EntryPoint = "clang_EvalResult_getAsLongLong", ExactSpelling = true)]
    public static extern long EvalResult_getAsLongLong(void* E);

    [DllImport(Library, EntryPoint = "clang_EvalResult_dispose", ExactSpelling = true)]
    public static extern void EvalResult_dispose(void* E);

    [DllImport(Library, EntryPoint = "clang_getClangVersion", ExactSpelling = true)]
    public static extern CXString getClangVersion();

    [DllImport(Library, EntryPoint = "clang_getCString", ExactSpelling = true)]
    public static extern sbyte* getCString(CXString @string);

    [DllImport(Library, EntryPoint = "clang_disposeString", ExactSpelling = true)]
    public static extern void disposeString(CXString @string);
}
