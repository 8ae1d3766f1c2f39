namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>Something that is declared in the C and that the skeleton may show.</summary>
/// <param name="key">Its key: <c>struct event.pid</c>, <c>enum reason</c>, and only the name for what is not a type: <c>events</c>.</param>
/// <param name="file">The file it is in, from the project's folder; empty for the C file itself.</param>
/// <param name="line">The line of its name.</param>
/// <param name="column">The column there.</param>
/// <param name="owner">The struct it is a field of, or the enum it is a constant of.</param>
/// <param name="isDefinition">False for a declaration of something that is defined elsewhere.</param>
internal sealed class Declaration(string key, string file, int line, int column, Declaration? owner, bool isDefinition)
{
    public string Key { get; } = key;

    public string File { get; } = file;

    public int Line { get; private set; } = line;

    public int Column { get; private set; } = column;

    public Declaration? Owner { get; } = owner;

    public bool IsDefinition { get; } = isDefinition;

    /// <summary>The text of its comment, without markers; empty without one.</summary>
    public string Comment { get; set; } = "";

    /// <summary>Sets another place for its name in the same file.</summary>
    public void MoveTo(int otherLine, int otherColumn) => (Line, Column) = (otherLine, otherColumn);

    /// <summary>Its name, without the struct or keyword.</summary>
    public string Name => Key[(Key.LastIndexOfAny([' ', '.']) + 1)..];
}

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
