using System.Globalization;
using System.Text;
using Hypermesh.BpfSdk.Comments.Reading;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>A mistake in the C that clang accepts.</summary>
/// <param name="Id">The ID of its rule.</param>
/// <param name="File">The file it is in, from the project's folder; empty for the C file itself.</param>
/// <param name="Line">The line.</param>
/// <param name="Arguments">The arguments of the rule's message, each after a tab.</param>
internal sealed record Mistake(string Id, string File, int Line, string Arguments);

/// <summary>Collects the mistakes of one C file.</summary>
internal sealed class MistakeList(SourceFiles files)
{
    private readonly List<Mistake> _all = [];

    /// <summary>Adds a mistake, unless it is not in the user's files.</summary>
    public void Add(string id, CXCursor at, params ReadOnlySpan<string> arguments)
    {
        if (files.TryPlace(clang.getCursorLocation(at), out string file, out int line, out _))
        {
            StringBuilder text = new();
            foreach (string argument in arguments)
            {
                text.Append('\t').Append(LineText.Escape(argument));
            }

            _all.Add(new Mistake(id, file, line, text.ToString()));
        }
    }

    /// <summary>Returns the lines for a carrier: <c>mistake ID TAB LINE TAB FILE</c> and the arguments, each after a tab.</summary>
    public string Text()
        => string.Concat(_all.Distinct().Select(static one => string.Create(CultureInfo.InvariantCulture, $"mistake {one.Id}\t{one.Line}\t{LineText.Escape(one.File)}{one.Arguments}\n")));
}
