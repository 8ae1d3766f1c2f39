using System.Text;
using Hypermesh.BpfSdk.Tasks.Programs;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>The <c>compile_commands.json</c> that editors read to know how a C file is compiled.</summary>
internal static class CompileCommands
{
    /// <summary>The file's text.</summary>
    public static string Json(string clang, string directory, IEnumerable<(BpfProgramFile Program, IReadOnlyList<string> Arguments)> commands)
    {
        StringBuilder json = new("[");
        string comma = "\n";
        foreach ((BpfProgramFile program, IReadOnlyList<string> arguments) in commands)
        {
            json.Append(comma)
                .Append("  {\n    \"directory\": ").Append(Text(directory))
                .Append(",\n    \"file\": ").Append(Text(program.RelativeSource))
                .Append(",\n    \"output\": ").Append(Text(program.RawObject))
                .Append(",\n    \"arguments\": [").Append(string.Join(", ", new[] { clang }.Concat(arguments).Select(Text)))
                .Append("]\n  }");
            comma = ",\n";
        }

        return json.Append("\n]\n").ToString();
    }

    private static string Text(string value)
    {
        StringBuilder text = new("\"");
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                < ' ' => text.Append("\\u").Append(((int)c).ToString("x4")),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }
}
