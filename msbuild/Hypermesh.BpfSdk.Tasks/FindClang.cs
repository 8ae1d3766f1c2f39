using System.Globalization;
using Hypermesh.BpfSdk.Tasks.Clang;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
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

    /// <summary>Where the answers are kept.</summary>
    [Required]
    public string CacheFile { get; set; } = "";

    /// <summary>True while an editor asks: a missing clang must not take the whole project away from it.</summary>
    public bool DesignTime { get; set; }

    /// <summary>True where prebuilt objects stand in for a clang that is missing.</summary>
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
        List<PassedOver> passedOver = [];
        ClangInstallation? found = null;
        try
        {
            string directory = Path.GetDirectoryName(Project) ?? "";
            foreach (ClangCandidate candidate in ClangCandidate.All(ClangPath.Trim(), ClangVariable.Trim(), SearchPath, directory))
            {
                (ClangInstallation? clang, string? problem) = Try(candidate, cache);
                if (problem is null)
                {
                    found = clang;
                    break;
                }

                passedOver.Add(new PassedOver(candidate, problem));
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        cache.Save();
        Report(found, passedOver);
        Clang = found is null ? null : Item(found);
        return !Log.HasLoggedErrors;
    }

    private (ClangInstallation? Clang, string? Problem) Try(ClangCandidate candidate, ClangCache cache)
    {
        if (!File.Exists(candidate.Path))
        {
            return (null, "no such file");
        }

        try
        {
            ClangInstallation clang = cache.Get(candidate.Path, path => ClangProbe.Ask(path, _cancellation.Token));
            return (clang, clang.Problem);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (null, failure.Message);
        }
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

    private void Report(ClangInstallation? found, List<PassedOver> passedOver)
    {
        string others = passedOver.Count == 0 ? "" : string.Join("; ", passedOver.Select(one => $"{one.Candidate.Path} ({one.Candidate.Origin}): {one.Problem}"));
        if (found is null)
        {
            string message = $"No clang that compiles for BPF was found; version {ClangInstallation.MinimumMajor} or newer with the bpf target is needed. "
                + (others.Length > 0 ? $"Found: {others}. " : "None is on the PATH. ")
                + WaysToFix;
            if (Optional)
            {
                Log.LogMessage(MessageImportance.Normal, "BPF: no clang; prebuilt objects are taken");
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

        foreach (PassedOver one in passedOver)
        {
            if (one.Candidate.IsNamed)
            {
                Log.LogWarning(
                    null, DiagnosticCodes.NamedClangPassedOver, null, Project, 0, 0, 0, 0,
                    "{0} names {1}, which is passed over ({2}); {3} is used.", one.Candidate.Origin, one.Candidate.Path, one.Problem, found.Path);
            }
        }

        Log.LogMessage(MessageImportance.Low, "BPF: {0} ({1}){2}", found.Path, found.Version, others.Length > 0 ? $"; passed over: {others}" : "");
    }

    // A class: the runtime would compile each collection of value types anew, in every build.
    private sealed class PassedOver(ClangCandidate candidate, string problem)
    {
        public ClangCandidate Candidate => candidate;

        public string Problem => problem;
    }
}
