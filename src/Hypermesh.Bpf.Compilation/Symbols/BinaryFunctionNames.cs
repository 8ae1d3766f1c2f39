using Hypermesh.Bpf.Compilation.Sandboxing;
using Hypermesh.Bpf.Objects.Executables;

namespace Hypermesh.Bpf.Compilation.Symbols;

/// <summary>Names of the functions of a program or library by their offset in the file, from its symbol tables.</summary>
internal sealed class BinaryFunctionNames
{
    private readonly ulong[] _offsets;
    private readonly BinarySymbol[] _functions;

    private BinaryFunctionNames(IEnumerable<BinarySymbol> functions)
    {
        // Of several names at one place the shortest: aliases with a prefix are the longer ones.
        _functions = [.. functions.GroupBy(static one => one.FileOffset).Select(static same => same.MinBy(static one => (one.Name.Length, one.Name))).OrderBy(static one => one.FileOffset)];
        _offsets = [.. _functions.Select(static one => one.FileOffset)];
    }

    /// <summary>Reads a file's tables; null where it is not a program or library, or cannot be read.</summary>
    internal static BinaryFunctionNames? TryRead(string path)
    {
        // A process may have mapped a file that is a pipe by now.
        if (FileFacts.Of(path) is not { IsRegular: true })
        {
            return null;
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            BinaryFile binary = BinaryFile.Read((offset, into) => RandomAccess.Read(file.SafeFileHandle, into, offset), 0, file.Length, path);
            return new BinaryFunctionNames(BinarySymbols.Functions(binary));
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException or BpfObjectFormatException)
        {
            return null;
        }
    }

    /// <summary>The function that covers an offset in the file; null where none does.</summary>
    internal string? Find(ulong offset)
    {
        int at = Array.BinarySearch(_offsets, offset);
        at = at < 0 ? ~at - 1 : at;
        return at >= 0 && offset - _offsets[at] < Math.Max(1, _functions[at].Size) ? _functions[at].Name : null;
    }
}
