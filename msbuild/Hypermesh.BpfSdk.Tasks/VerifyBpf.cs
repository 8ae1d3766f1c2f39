using System.ComponentModel;
using Hypermesh.Bpf.Clang.Arguments;
using Hypermesh.Bpf.Clang.Running;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Hypermesh.BpfSdk.Tasks.Verifying;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>
/// Loads the objects into a kernel, so that its verifier checks them: a rejected program is an error at the line of the C. An accepted object is checked again when it, the kernel or
/// the program that loads it has changed. Without the right to load programs there is a message, and the build continues.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class VerifyBpf : BpfTask, ICancelableTask
{
    private const int CannotLoad = 77;

    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>The C files, from <see cref="PrepareBpf"/>.</summary>
    [Required]
    public ITaskItem[] Programs { get; set; } = [];

    /// <summary>The program, Hypermesh.BpfSdk.Verifier.</summary>
    [Required]
    public string Verifier { get; set; } = "";

    /// <summary>The program <c>dotnet</c>.</summary>
    [Required]
    public string DotNetHost { get; set; } = "";

    /// <summary>The command that starts the program, such as <c>sudo -n</c>; empty for none.</summary>
    public string Command { get; set; } = "";

    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <inheritdoc/>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    protected override bool Run()
    {
        ITaskItem[] pending = [.. Programs.Where(program => File.Exists(program.GetMetadata("Object")) && ContentFile.ReadOrNull(program.GetMetadata("VerifierStamp")) != Facts(program))];
        return pending.Length == 0 || Verify(pending);
    }

    // What a result depends on. A command may run the program under another kernel, so the command itself stands for that kernel.
    private string Facts(ITaskItem program) => Hash.Of(string.Join("\n",
        StateOf(program.GetMetadata("Object")), StateOf(Verifier), Command, Command.Length == 0 ? ContentFile.ReadOrNull("/proc/sys/kernel/osrelease") ?? "" : ""));

    // Identifies a version of a file without reading it; empty when there is no file.
    private static string StateOf(string path)
        => path.Length > 0 && new FileInfo(path) is { Exists: true } file ? $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}" : "";

    private bool Verify(ITaskItem[] pending)
    {
        ProcessResult result;
        try
        {
            string[] line = [.. ResponseFile.Split(Command), DotNetHost, "exec", Verifier, .. pending.Select(program => program.GetMetadata("Object"))];
            result = ProcessRunner.Run(line[0], line.Skip(1), ProjectDirectory, _cancellation.Token);
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            return Skip($"it could not be started: {failure.Message}");
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        IReadOnlyList<VerifierAnswer> answers = VerifierAnswer.Read(result.Output);
        if (result.ExitCode == CannotLoad)
        {
            return Skip(LastLine(result.Error));
        }

        if (result.ExitCode != 0)
        {
            // A wrapper that cannot run (no password, no such guest) prints the reason.
            return Command.Length > 0 && answers.Count == 0
                ? Skip($"'{Command}' ended with exit code {result.ExitCode}: {LastLine(result.Error)}")
                : Fail($"The program that loads the objects (Hypermesh.BpfSdk.Verifier) ended with exit code {result.ExitCode}: {LastLine(result.Error)}");
        }

        foreach (ITaskItem program in pending)
        {
            LogAnswers(program, [.. answers.Where(answer => answer.Object == program.GetMetadata("Object"))]);
        }

        return !Log.HasLoggedErrors;
    }

    private void LogAnswers(ITaskItem program, IReadOnlyList<VerifierAnswer> answers)
    {
        foreach (VerifierAnswer untried in answers.Where(answer => answer.Answer == "untried"))
        {
            Log.LogMessage(null, DiagnosticCodes.NotVerified, null, program.ItemSpec, 0, 0, 0, 0, MessageImportance.High, "{0}", $"Program {untried.Program} was not verified: {untried.Reason}");
        }

        bool isAccepted = answers.Count > 0;
        foreach (VerifierAnswer refused in answers.Where(answer => answer.Answer == "refused"))
        {
            isAccepted = false;
            (string file, int line) = Place(program, refused);
            string log = refused.Program.Length > 0 ? $" hmbpf verify --log {program.GetMetadata("Object")} prints the verifier's log." : "";
            Log.LogError(null, DiagnosticCodes.VerifierRefused, null, file, line, 0, 0, 0, "{0}", refused.Reason + log);
        }

        if (isAccepted)
        {
            ContentFile.WriteWhenDifferent(program.GetMetadata("VerifierStamp"), Facts(program));
        }
    }

    // The object names files as the arguments of clang do, relative to the project's folder.
    private (string File, int Line) Place(ITaskItem program, VerifierAnswer refused)
    {
        string path = new LinkedFiles().Full(ProjectDirectory, refused.File);
        return refused.File.Length > 0 && File.Exists(path) ? (path, refused.Line) : (program.ItemSpec, refused.File.Length == 0 ? refused.Line : 0);
    }

    private bool Skip(string reason)
    {
        Log.LogMessage(null, DiagnosticCodes.NotVerified, null, null, 0, 0, 0, 0, MessageImportance.High, "{0}", $"The objects were not verified: {reason}. Set BpfVerifyCommand to a command that may load them, such as \"sudo -n\".");
        return true;
    }

    private bool Fail(string reason)
    {
        Log.LogError(null, DiagnosticCodes.VerifierRefused, null, null, 0, 0, 0, 0, "{0}", reason);
        return false;
    }

    private static string LastLine(string text) => text.Trim().Split('\n').Last().Trim().TrimEnd('.');
}
