using System.Globalization;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>A request of the build task. The process runs in the project's folder, as clang does.</summary>
/// <param name="Major">The version of the clang that compiles.</param>
/// <param name="Resources">The folder of that clang's own headers; empty when it is not known.</param>
/// <param name="Library">The only libclang to use; empty to search for one.</param>
/// <param name="Skipped">The folder of the SDK's headers, whose declarations are not the user's.</param>
/// <param name="Programs">The C files.</param>
internal sealed record Request(int Major, string Resources, string Library, string Skipped, IReadOnlyList<RequestedProgram> Programs)
{
    private const string FirstLine = "hypermesh-comments 1";

    /// <summary>Reads a request; null when it is not valid.</summary>
    public static Request? Read(TextReader question)
    {
        if (question.ReadLine() != FirstLine)
        {
            return null;
        }

        Request request = new(0, "", "", "", []);
        List<RequestedProgram> programs = [];
        string source = "";
        while (question.ReadLine() is { } line)
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            string value = line[(space + 1)..];
            switch (space < 0 ? "" : line[..space])
            {
                case "major" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int major):
                    request = request with { Major = major };
                    break;
                case "resources":
                    request = request with { Resources = value };
                    break;
                case "library":
                    request = request with { Library = value };
                    break;
                case "skip":
                    request = request with { Skipped = value };
                    break;
                case "source":
                    source = value;
                    break;
                case "arguments":
                    programs.Add(new RequestedProgram(source, value));
                    break;
                default:
                    return null;
            }
        }

        return request with { Programs = programs };
    }
}

/// <summary>One C file of a request.</summary>
/// <param name="Source">The file, as an argument of clang.</param>
/// <param name="ArgumentFile">The file with clang's arguments.</param>
internal sealed record RequestedProgram(string Source, string ArgumentFile);
