using System.Text;

namespace Hypermesh.Bpf.Clang.Arguments;

/// <summary>Writes and reads arguments in the format of an <c>@file</c> with <c>--rsp-quoting=posix</c>.</summary>
internal static class ResponseFile
{
    /// <summary>Returns the file's text: one argument a line.</summary>
    public static string Text(IEnumerable<string> arguments) => string.Concat(arguments.Select(argument => Quote(argument) + "\n"));

    /// <summary>Splits hand-written arguments, separated by blanks, line ends or semicolons outside quotes.</summary>
    public static IEnumerable<string> Split(string text)
    {
        StringBuilder argument = new();
        char quote = '\0';
        bool any = false;
        foreach (char c in text)
        {
            if (quote == '\0' && (char.IsWhiteSpace(c) || c == ';'))
            {
                if (any)
                {
                    yield return argument.ToString();
                }

                argument.Clear();
                any = false;
                continue;
            }

            any = true;
            if (c == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '"' or '\'')
            {
                quote = c;
            }
            else
            {
                argument.Append(c);
            }
        }

        if (any)
        {
            yield return argument.ToString();
        }
    }

    private static string Quote(string argument) => '"' + argument.Replace("\\", "\\\\").Replace("\"", "\\\"") + '"';
}
