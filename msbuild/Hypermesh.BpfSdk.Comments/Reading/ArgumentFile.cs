using System.Text;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>clang's arguments as the task writes them, without those that name outputs.</summary>
internal static class ArgumentFile
{
    private static readonly string[] s_outputs = ["-c", "-MD", "-g"];
    private static readonly string[] s_outputsWithName = ["-o", "-MF"];

    /// <summary>Returns the arguments for reading a file without compiling it, without the file itself.</summary>
    public static List<string> Read(string path, string source)
    {
        List<string> arguments = [];
        bool isName = false;
        foreach (string argument in Split(File.ReadAllText(path)))
        {
            if (!isName && argument != source && !s_outputs.Contains(argument) && !s_outputsWithName.Contains(argument))
            {
                arguments.Add(argument);
            }

            isName = !isName && s_outputsWithName.Contains(argument);
        }

        return arguments;
    }

    // Each argument is in double quotes, within which a backslash keeps the next character as it is.
    internal static IEnumerable<string> Split(string text)
    {
        StringBuilder argument = new();
        bool isInside = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (isInside && text[i] == '\\' && i + 1 < text.Length)
            {
                argument.Append(text[++i]);
            }
            else if (text[i] == '"')
            {
                if (isInside)
                {
                    yield return argument.ToString();
                    argument.Clear();
                }

                isInside = !isInside;
            }
            else if (isInside)
            {
                argument.Append(text[i]);
            }
        }
    }
}
