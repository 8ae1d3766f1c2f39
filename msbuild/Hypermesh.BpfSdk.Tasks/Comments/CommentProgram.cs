using System.ComponentModel;
using System.Text;
using Hypermesh.Bpf.Clang.Running;
using Hypermesh.BpfSdk.Tasks.Files;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks.Comments;

/// <summary>Starts the program that reads the comments of the C through libclang: one request for all files that are compiled.</summary>
/// <param name="host">The program <c>dotnet</c>.</param>
/// <param name="assembly">The program, Hypermesh.BpfSdk.Comments.</param>
/// <param name="directory">The folder clang runs in.</param>
internal sealed class CommentProgram(string host, string assembly, string directory)
{
    /// <summary>Writes the request for that program.</summary>
    /// <param name="clang">The clang, with its metadata from <see cref="FindClang"/>.</param>
    /// <param name="library">The only libclang to use; empty to search for one.</param>
    /// <param name="packageIncludes">The folder of the SDK's own headers.</param>
    /// <param name="programs">The C files, from <see cref="PrepareBpf"/>.</param>
    public static string Question(ITaskItem clang, string library, string packageIncludes, IEnumerable<ITaskItem> programs)
    {
        StringBuilder question = new("hypermesh-comments 1\n");
        question.Append("major ").Append(clang.GetMetadata("Major")).Append('\n');
        question.Append("resources ").Append(clang.GetMetadata("ResourceDirectory")).Append('\n');
        question.Append("library ").Append(library).Append('\n');
        question.Append("skip ").Append(packageIncludes).Append('\n');
        foreach (ITaskItem program in programs)
        {
            question.Append("source ").Append(program.GetMetadata("SourceArgument")).Append('\n');
            question.Append("arguments ").Append(program.GetMetadata("ArgumentFile")).Append('\n');
        }

        return question.ToString();
    }

    /// <summary>Starts the program and waits for its answer.</summary>
    public CommentAnswer Ask(string question, CancellationToken cancellation)
    {
        try
        {
            ProcessResult result = ProcessRunner.Run(host, ["exec", assembly], directory, cancellation, question);
            return result.ExitCode == 0
                ? CommentAnswer.Read(result.Output)
                : CommentAnswer.None(result.Error.Trim() is { Length: > 0 } reason ? reason : $"{assembly} ended with exit code {result.ExitCode}");
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            return CommentAnswer.None($"{host} could not be started: {failure.Message}");
        }
    }
}
