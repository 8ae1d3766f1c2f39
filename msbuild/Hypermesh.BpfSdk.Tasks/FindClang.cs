using System.Globalization;
using Hypermesh.Bpf.Clang.Finding;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Hypermesh.BpfSdk.Tasks.Programs;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>Finds the clang to compile with: the first that is new enough and has the bpf target.</summary>
[MSBuildMultiThreadableTask]
public sealed class FindClang : BpfTask, ICancelableTask
{
    private const string WaysToFix =
        "Any one of these helps: "
        + "install the distribution's package (Debian: apt install clang-19; Ubuntu, Alpine: clang; Fedora, openSUSE, Arch: clang; Homebrew: llvm), "
        + "put clang on the PATH, "
        + "set the environment variable HYPERMESH_BPF_CLANG to its path, "
        + "or set the property BpfClangPath (-p:BpfClangPath=/path/to/clang, or in the project).";

    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>The project, for messages.</summary>
    [Required]
    public string Project { get; set; } = "";

    /// <summary>The property <c>BpfClangPath</c>.</summary>
    public string ClangPath { get; set; } = "";

    /// <summary>The environment variable <c>HYPERMESH_BPF_CLANG</c>.</summary>
    public string ClangVariable { get; set; } = "";

    /// <summary>The environment variable <c>PATH</c>.</summary>
    public string SearchPath { get; set; } = "";

    /// <summary>The file with the cached answers of the clangs.</summary>
    [Required]
    public string CacheFile { get; set; } = "";

    /// <summary>True for a design-time build of an editor: a missing clang must not make the whole project unusable there.</summary>
    public bool DesignTime { get; set; }

    /// <summary>True where prebuilt objects replace a missing clang.</summary>
    public bool Optional { get; set; }

    /// <summary>The clang, with the metadata <c>Version</c>, <c>Major</c>, <c>ResourceDirectory</c> and <c>SystemIncludes</c>; null when there is none.</summary>
    [Output]
    public ITaskItem? Clang { get; set; }

    /// <inheritdoc/>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    protected override bool Run()
    {
        ClangCache cache = new(CacheFile);
        ClangSearch search;
        try
        {
            search = ClangSearch.Run(
                ClangCandidate.All(ClangPath.Trim(), ClangVariable.Trim(), SearchPath, Path.GetDirectoryName(Project) ?? ""),
                path => cache.Get(path, one => ClangProbe.Ask(one, _cancellation.Token)));
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        cache.Save();
        Report(search);
        Clang = search.Found is null ? null : Item(search.Found);
        return !Log.HasLoggedErrors;
    }

    private static TaskItem Item(ClangInstallation clang)
    {
        TaskItem item = new(MSBuildText.Escape(clang.Path));
        item.SetMetadata("Version", MSBuildText.Escape(clang.Version));
        item.SetMetadata("Major", clang.Major.ToString(CultureInfo.InvariantCulture));
        item.SetMetadata("ResourceDirectory", MSBuildText.Escape(clang.ResourceDirectory));
        item.SetMetadata("SystemIncludes", MSBuildText.Escape(string.Join("\n", clang.SystemIncludes)));
        return item;
    }

    private void Report(ClangSearch search)
    {
        string others = search.PassedOver.Count == 0 ? "" : search.Others;
        if (search.Found is not { } found)
        {
            string message = $"No clang that compiles for BPF was found; version {ClangInstallation.MinimumMajor} or newer with the bpf target is needed. "
                + (others.Length > 0 ? $"Found: {others}. " : "None is on the PATH. ")
                + WaysToFix;
            if (Optional)
            {
                Log.LogMessage(MessageImportance.Normal, "BPF: no clang; prebuilt objects are used");
            }
            else if (DesignTime)
            {
                Log.LogWarning(null, DiagnosticCodes.NoUsableClang, null, Project, 0, 0, 0, 0, "{0}", message);
            }
            else
            {
                Log.LogError(null, DiagnosticCodes.NoUsableClang, null, Project, 0, 0, 0, 0, "{0}", message);
            }

            return;
        }

        foreach (PassedOver one in search.PassedOver)
        {
            if (one.Candidate.IsNamed)
            {
                Log.LogWarning(
                    null, DiagnosticCodes.NamedClangPassedOver, null, Project, 0, 0, 0, 0,
                    "{0} names {1}, which cannot be used ({2}); {3} is used instead.", one.Candidate.Origin, one.Candidate.Path, one.Problem, found.Path);
            }
        }

        Log.LogMessage(MessageImportance.Low, "BPF: {0} ({1}){2}", found.Path, found.Version, others.Length > 0 ? $"; not used: {others}" : "");
    }
}
