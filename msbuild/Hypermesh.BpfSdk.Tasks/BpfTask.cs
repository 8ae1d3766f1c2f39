using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Task = Microsoft.Build.Utilities.Task;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>A task of the SDK. A full disk or a closed folder ends it with one message, not with a stack trace.</summary>
public abstract class BpfTask : Task
{
    /// <inheritdoc/>
    public sealed override bool Execute()
    {
        try
        {
            return Run();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.LogError(
                null, DiagnosticCodes.FileFailed, null, null, 0, 0, 0, 0, "{0}",
                $"The build of the BPF objects stopped at a file: {failure.Message.TrimEnd('.')}. Free space there or give the build access to it, then build again; BaseIntermediateOutputPath moves what is made elsewhere.");
            return false;
        }
    }

    /// <summary>Does the work.</summary>
    /// <returns>True when no error was logged.</returns>
    protected abstract bool Run();
}
