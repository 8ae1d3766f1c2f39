using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Task = Microsoft.Build.Utilities.Task;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>Base class of the SDK's tasks. A full disk or a read-only folder ends the task with one message, not with a stack trace.</summary>
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
                $"The build of the BPF objects cannot read or write a file: {failure.Message.TrimEnd('.')}. Free space there or give the build access to it, then build again; BaseIntermediateOutputPath sets another folder for its outputs.");
            return false;
        }
    }

    /// <summary>Does the work.</summary>
    /// <returns>True when no error was logged.</returns>
    protected abstract bool Run();
}
