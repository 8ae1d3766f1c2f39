using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>Converts the facts about a libclang cursor to .NET values.</summary>
internal static unsafe class Cursors
{
    public static string Spelling(CXCursor cursor)
    {
        using CXString name = clang.getCursorSpelling(cursor);
        return name.CString;
    }

    public static bool AreSame(CXCursor left, CXCursor right) => clang.equalCursors(left, right) != 0;

    public static List<CXCursor> Children(CXCursor cursor)
    {
        List<CXCursor> children = [];
        GCHandle handle = GCHandle.Alloc(children);
        try
        {
            clang.visitChildren(cursor, &Visit, (void*)GCHandle.ToIntPtr(handle));
        }
        finally
        {
            handle.Free();
        }

        return children;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CXChildVisitResult Visit(CXCursor cursor, CXCursor parent, void* children)
    {
        ((List<CXCursor>)GCHandle.FromIntPtr((nint)children).Target!).Add(cursor);
        return CXChildVisitResult.CXChildVisit_Continue;
    }
}
