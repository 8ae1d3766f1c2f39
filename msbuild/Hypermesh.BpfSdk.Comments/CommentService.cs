using System.Text;
using Hypermesh.BpfSdk.Comments.Mistakes;
using Hypermesh.BpfSdk.Comments.Reading;

namespace Hypermesh.BpfSdk.Comments;

/// <summary>
/// Answers one request of the build task. The request is lines of <c>key value</c> (<see cref="Request"/>). The answer names the library that was
/// used, then for each file a line <c>program INDEX</c> and the lines for its carrier (<see cref="DeclarationWriter"/>, <see cref="OrderWriter"/>, <see cref="MistakeReader"/>).
/// </summary>
internal static class CommentService
{
    /// <summary>All files were read; a file with errors as far as possible.</summary>
    public const int Success = 0;

    /// <summary>The request cannot be read: task and program have different versions.</summary>
    public const int BadRequest = 2;

    /// <summary>There is no usable libclang; standard error says where it was searched.</summary>
    public const int NoLibrary = 3;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static int Run(Stream input, Stream output, Stream error)
    {
        using StreamWriter answer = new(output, s_utf8) { NewLine = "\n" };
        using StreamWriter complaint = new(error, s_utf8) { NewLine = "\n" };
        using StreamReader question = new(input, s_utf8);
        if (Request.Read(question) is not { } request)
        {
            complaint.WriteLine("the request has the format of another version");
            return BadRequest;
        }

        LibClang library = new(request);
        clang.ResolveLibrary += (_, _, _) => library.Handle;
        try
        {
            using CXString version = clang.getClangVersion();
            answer.WriteLine($"library {version.CString}");
        }
        catch (DllNotFoundException)
        {
            complaint.WriteLine(library.Missing);
            return NoLibrary;
        }

        foreach (string text in Read(request))
        {
            answer.Write(text);
        }

        return Success;
    }

    private static string[] Read(Request request)
    {
        string[] texts = new string[request.Programs.Count];
        if (texts.Length == 1)
        {
            texts[0] = Read(request, 0);
        }
        else
        {
            Parallel.For(0, texts.Length, i => texts[i] = Read(request, i));
        }

        return texts;
    }

    private static string Read(Request request, int index)
    {
        string lines = TranslationUnit.Read(
            request, request.Programs[index],
            static (request, program, unit) => DeclarationWriter.Text(DeclarationReader.Read(request, program, unit)) + OrderWriter.Text(OrderReader.Read(request, program, unit))
                + MistakeReader.Read(request, program, unit));
        return $"program {index}\n{lines}";
    }
}
