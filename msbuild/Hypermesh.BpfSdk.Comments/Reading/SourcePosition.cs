namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>A line and a column, expanded from macros.</summary>
internal readonly record struct SourcePosition(int Line, int Column)
{
    public static unsafe SourcePosition Of(CXSourceLocation location)
    {
        uint line;
        uint column;
        clang.getExpansionLocation(location, null, &line, &column, null);
        return new SourcePosition((int)line, (int)column);
    }
}
