using Hypermesh.Bpf;
using Hypermesh.Bpf.Clang.Diagnostics;
using Hypermesh.Bpf.Clang.Running;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Tasks.Comments;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Hypermesh.BpfSdk.Tasks.Layouts;
using Hypermesh.BpfSdk.Tasks.Programs;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>Compiles the files without a stamp, several at a time, and writes the object to embed and the text for the generator.</summary>
[MSBuildMultiThreadableTask]
public sealed class CompileBpf : BpfTask, ICancelableTask
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly LinkedFiles _disk = new();

    /// <summary>The C files, from <see cref="PrepareBpf"/>.</summary>
    [Required]
    public ITaskItem[] Programs { get; set; } = [];

    /// <summary>The clang, from <see cref="FindClang"/>.</summary>
    [Required]
    public ITaskItem Clang { get; set; } = null!;

    /// <summary>The project, for messages.</summary>
    public string Project { get; set; } = "";

    /// <summary>The folder clang runs in.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The program that reads the comments of the C; empty to not read them.</summary>
    public string CommentProgram { get; set; } = "";

    /// <summary>True when comments that cannot be read are an error.</summary>
    public bool CommentsRequired { get; set; }

    /// <summary>The program <c>dotnet</c>, which runs it.</summary>
    public string DotNetHost { get; set; } = "";

    /// <summary>The only libclang to use; empty to search for one.</summary>
    public string LibClang { get; set; } = "";

    /// <summary>The folder of the SDK's own headers.</summary>
    public string PackageIncludes { get; set; } = "";

    /// <summary>True for a design-time build of an editor: errors become warnings and the last good outputs stay.</summary>
    public bool DesignTime { get; set; }

    /// <inheritdoc/>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    protected override bool Run()
    {
        ITaskItem[] stale = [.. Programs.Where(program => !File.Exists(program.GetMetadata("Stamp")))];
        Compilation[] compilations = new Compilation[stale.Length];
        CommentAnswer comments;
        try
        {
            // libclang runs in parallel with clang: neither needs the other's output.
            Task<CommentAnswer>? reading = stale.Length > 0 && CommentProgram.Length > 0 ? Task.Run(() => ReadComments(stale)) : null;
            Parallel.For(
                0,
                stale.Length,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = _cancellation.Token },
                i => compilations[i] = Compile(stale[i]));
            comments = reading?.GetAwaiter().GetResult() ?? CommentAnswer.Read("");
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        // Reported in the order of the items, whichever finished first.
        Report(comments);
        for (int i = 0; i < compilations.Length; i++)
        {
            Compilation compilation = compilations[i];
            if (Report(compilation) && Emit(compilation, comments.LinesOf(i)))
            {
                WriteStamp(compilation);
            }
        }

        return !Log.HasLoggedErrors;
    }

    private void WriteStamp(Compilation compilation)
    {
        ITaskItem program = compilation.Program;
        IReadOnlyList<string> read = BuildState.Dependencies(program.ItemSpec, program.GetMetadata("DependencyFile"), ProjectDirectory, _disk);
        string text = BuildState.Stamp(program.GetMetadata("Fingerprint"), read, program.GetMetadata("SearchedFolders").Split('\n'), compilation.Started, _disk);
        ContentFile.Write(program.GetMetadata("Stamp"), text);
    }

    private sealed record Compilation(ITaskItem Program, DateTime Started, ProcessResult Result);

    private Compilation Compile(ITaskItem program)
    {
        DateTime started = DateTime.UtcNow;
        File.Delete(program.GetMetadata("RawObject"));
        ProcessResult result = ClangRun.Compile(Clang.ItemSpec, program.GetMetadata("ArgumentFile"), ProjectDirectory, _cancellation.Token);
        if (result.ExitCode == 0 && program.GetMetadata("BigEndianObject") is { Length: > 0 } second)
        {
            // Its warnings are those of the first object, which are reported.
            ProcessResult other = ClangRun.Compile(Clang.ItemSpec, BpfProgramFile.BigEndianArgumentFile(second), ProjectDirectory, _cancellation.Token);
            result = other.ExitCode == 0 ? result : other;
        }

        return new Compilation(program, started, result);
    }

    // True when there is an object and no message about it stops the build (a warning may, by WarningsAsErrors).
    private bool Report(Compilation compilation)
    {
        string source = compilation.Program.ItemSpec;
        bool stops = false;
        bool afterError = false;
        foreach (ClangDiagnostic diagnostic in ExplainedOutput.Read(compilation.Result.Error, one => LineOf(FileOf(one), one.Line), _disk.Full(ProjectDirectory, source), () => SearchedBy(compilation.Program)))
        {
            if (diagnostic.Kind == ClangDiagnosticKind.Note)
            {
                Log.LogMessage(
                    null, null, null, FileOf(diagnostic), diagnostic.Line, diagnostic.Column, 0, 0,
                    afterError ? MessageImportance.High : MessageImportance.Normal, "{0}", diagnostic.Text);
                continue;
            }

            afterError = diagnostic.Kind == ClangDiagnosticKind.Error;
            stops |= afterError || (BuildEngine as IBuildEngine8)?.ShouldTreatWarningAsError(diagnostic.Code!) == true;
            LogDiagnostic(afterError, diagnostic.Code!, FileOf(diagnostic), diagnostic.Line, diagnostic.Column, diagnostic.Text);
        }

        if (compilation.Result.ExitCode == 0 || stops)
        {
            return !stops;
        }

        LogDiagnostic(
            isError: true, DiagnosticCodes.CompilerFailed, source, 0, 0,
            $"{Clang.ItemSpec} ended with exit code {compilation.Result.ExitCode} and reported no error: {compilation.Result.Error.Trim()}");
        return false;

        string FileOf(ClangDiagnostic diagnostic) => diagnostic.File is null ? source : _disk.Full(ProjectDirectory, diagnostic.File);
    }

    private static string LineOf(string file, int line)
    {
        try
        {
            return File.ReadLines(file).Skip(line - 1).FirstOrDefault() ?? "";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    // Where clang looks for headers: beside the C, in the folders of its arguments, and in the system's folder.
    private static IEnumerable<string> SearchedBy(ITaskItem program)
        => program.GetMetadata("SearchedFolders").Split('\n').Prepend(Path.GetDirectoryName(program.ItemSpec)!).Append("/usr/include");

    private CommentAnswer ReadComments(ITaskItem[] programs)
    {
        string host = DotNetHost.Length > 0 ? DotNetHost : "dotnet";
        string question = Comments.CommentProgram.Question(Clang, LibClang, PackageIncludes, programs);
        return new CommentProgram(host, CommentProgram, ProjectDirectory).Ask(question, _cancellation.Token);
    }

    // One message for all files. A declaration without a comment is documented by its C.
    private void Report(CommentAnswer comments)
    {
        if (comments.Problem is null)
        {
            if (comments.Library.Length > 0)
            {
                Log.LogMessage(MessageImportance.Normal, "BPF: libclang read the comments of the C ({0})", comments.Library);
            }

            return;
        }

        string message = $"The comments of the C were not read, so the generated documentation lacks them and HMBPF2516 is not checked: {comments.Problem}. "
            + "Correct that and rebuild, or set BpfDocumentation=false to build without the comments and without this message.";
        if (CommentsRequired && !DesignTime)
        {
            Log.LogError(null, DiagnosticCodes.CommentsUnread, null, Project, 0, 0, 0, 0, "{0}", message);
        }
        else
        {
            Log.LogMessage(null, DiagnosticCodes.CommentsUnread, null, Project, 0, 0, 0, 0, MessageImportance.High, "{0}", message);
        }
    }

    private bool Emit(Compilation compilation, IReadOnlyList<string> docs)
    {
        ITaskItem program = compilation.Program;
        try
        {
            byte[] image = ElfStripper.Strip(File.ReadAllBytes(program.GetMetadata("RawObject")), program.GetMetadata("RawObject"));
            if (program.GetMetadata("BigEndianObject") is { Length: > 0 } second && !EmitBigEndian(program, image, second))
            {
                return false;
            }

            ContentFile.WriteWhenDifferent(program.GetMetadata("Object"), image);
            ContentFile.WriteWhenDifferent(program.GetMetadata("Carrier"), CarrierWriter.Text(program.GetMetadata("CarrierHeader"), docs.Where(new ObjectNames(image, program.ItemSpec).Has), image));
            return true;
        }
        catch (Exception failure) when (failure is BpfObjectFormatException or FileNotFoundException)
        {
            LogDiagnostic(isError: true, DiagnosticCodes.ObjectUnreadable, program.ItemSpec, 0, 0, $"clang wrote an object that cannot be read: {failure.Message}");
            return false;
        }
    }

    private bool EmitBigEndian(ITaskItem program, byte[] little, string path)
    {
        string raw = BpfProgramFile.BigEndianRawObject(path);
        byte[] big = ElfStripper.Strip(File.ReadAllBytes(raw), raw);
        string[] problems = EndianProblems(little, big);
        if (problems.Length > 0)
        {
            LogDiagnostic(isError: true, DiagnosticCodes.EndiannessDiffers, program.ItemSpec, 0, 0, $"The same C# cannot be used for the little-endian and the big-endian object: {string.Join("; ", problems)}.");
            return false;
        }

        ContentFile.WriteWhenDifferent(path, big);
        return true;
    }

    private static string[] EndianProblems(byte[] little, byte[] big)
    {
        try
        {
            return [.. EndianComparison.Run(BpfObjectSpec.Read(little, "little"), BpfObjectSpec.Read(big, "big"))];
        }
        catch (BpfObjectFormatException failure) when (failure.Undefined.Count > 0)
        {
            // The generator reports these at their lines.
            return [];
        }
    }

    private void LogDiagnostic(bool isError, string code, string file, int line, int column, string text)
    {
        if (isError && !DesignTime)
        {
            Log.LogError("BPF", code, null, file, line, column, 0, 0, "{0}", text);
        }
        else
        {
            Log.LogWarning("BPF", code, null, file, line, column, 0, 0, "{0}", text);
        }
    }
}
