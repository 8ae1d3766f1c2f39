namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>Finds the user's own files of a translation unit, and their paths from the project's folder.</summary>
internal sealed unsafe class SourceFiles(Request request, string source)
{
    // Generated from a kernel's BTF, which has no comments: 200,000 declarations.
    private const string KernelTypes = "vmlinux.h";

    private readonly Dictionary<nint, string?> _names = [];
    private readonly string _directory = Directory.GetCurrentDirectory();
    private readonly string _source = Path.GetFullPath(source);
    private readonly string? _skipped = request.Skipped.Length > 0 ? Path.GetFullPath(request.Skipped) + Path.DirectorySeparatorChar : null;

    /// <summary>Finds the place of a declaration, expanded from macros; false when it is not in the user's files.</summary>
    public bool TryPlace(CXSourceLocation location, out string file, out int line, out int column)
    {
        (file, line, column) = ("", 0, 0);
        if (clang.Location_isInSystemHeader(location) != 0)
        {
            return false;
        }

        void* handle;
        uint expandedLine;
        uint expandedColumn;
        clang.getExpansionLocation(location, &handle, &expandedLine, &expandedColumn, null);
        (line, column) = ((int)expandedLine, (int)expandedColumn);
        if (handle is null)
        {
            return false;
        }

        if (!_names.TryGetValue((nint)handle, out string? name))
        {
            using CXString path = clang.getFileName(handle);
            name = Name(path.CString);
            _names.Add((nint)handle, name);
        }

        file = name ?? "";
        return name is not null;
    }

    private string? Name(string path)
    {
        string full = Path.GetFullPath(path);
        if (full == _source)
        {
            return "";
        }

        return Path.GetFileName(full) == KernelTypes || (_skipped is not null && full.StartsWith(_skipped, StringComparison.Ordinal))
            ? null
            : Path.GetRelativePath(_directory, full).Replace('\\', '/');
    }
}
