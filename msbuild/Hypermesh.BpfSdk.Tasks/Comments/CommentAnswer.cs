using System.Globalization;
using Hypermesh.BpfSdk.Skeletons.Carriers;

namespace Hypermesh.BpfSdk.Tasks.Comments;

/// <summary>What libclang read in the C: comments, places of declarations, and mistakes.</summary>
internal sealed class CommentAnswer
{
    private readonly Dictionary<int, List<string>> _lines = [];

    private CommentAnswer(string? problem) => Problem = problem;

    /// <summary>The reason why there is no answer; null when there is one.</summary>
    public string? Problem { get; }

    /// <summary>The libclang that read the files.</summary>
    public string Library { get; private set; } = "";

    /// <summary>Creates an answer that has only the reason for its absence.</summary>
    public static CommentAnswer None(string problem) => new(problem);

    /// <summary>Reads the program's output.</summary>
    public static CommentAnswer Read(string output)
    {
        CommentAnswer answer = new(null);
        List<string> lines = [];
        foreach (string line in output.Split(['\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            int space = line.IndexOf(' ');
            string value = line.Substring(space + 1);
            switch (space < 0 ? "" : line.Substring(0, space))
            {
                case "library":
                    answer.Library = value;
                    break;
                case "program" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int index):
                    answer._lines[index] = lines = [];
                    break;
                case CarrierFormat.Declaration or CarrierFormat.Comparison or CarrierFormat.Mistake:
                    lines.Add(line);
                    break;
                default:
                    return None($"the answer has a line '{line}'");
            }
        }

        return answer;
    }

    /// <summary>Returns the lines for a file's carrier.</summary>
    public IReadOnlyList<string> LinesOf(int program) => _lines.TryGetValue(program, out List<string>? lines) ? lines : [];
}
