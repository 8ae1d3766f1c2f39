namespace Hypermesh.Bpf.Clang.Finding;

/// <summary>The search for the clang to compile with: the first candidate that is new enough and has the bpf target.</summary>
internal sealed class ClangSearch
{
    private readonly List<PassedOver> _passedOver = [];

    private ClangSearch(IEnumerable<ClangCandidate> candidates, Func<string, ClangInstallation> ask)
    {
        foreach (ClangCandidate candidate in candidates)
        {
            if (Try(candidate, ask) is { } found)
            {
                Found = found;
                break;
            }
        }
    }

    /// <summary>The clang; null when there is none.</summary>
    public ClangInstallation? Found { get; }

    /// <summary>The candidates that come before it and cannot be used.</summary>
    public IReadOnlyList<PassedOver> PassedOver => _passedOver;

    /// <summary>The same as text; empty when there are none.</summary>
    public string Others => string.Join("; ", _passedOver.Select(static one => $"{one.Candidate.Path} ({one.Candidate.Origin}): {one.Problem}"));

    /// <summary>Searches.</summary>
    /// <param name="candidates">The candidates in their order.</param>
    /// <param name="ask">Gets the facts about a program.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ask"/> was cancelled.</exception>
    public static ClangSearch Run(IEnumerable<ClangCandidate> candidates, Func<string, ClangInstallation> ask) => new(candidates, ask);

    private ClangInstallation? Try(ClangCandidate candidate, Func<string, ClangInstallation> ask)
    {
        ClangInstallation? clang = null;
        string? problem = "no such file";
        try
        {
            if (File.Exists(candidate.Path))
            {
                clang = ask(candidate.Path);
                problem = clang.Problem;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = failure.Message;
        }

        if (problem is not null)
        {
            _passedOver.Add(new PassedOver(candidate, problem));
        }

        return problem is null ? clang : null;
    }
}

/// <summary>A candidate that cannot be used. A class, because the runtime would compile each collection of value types in every build.</summary>
/// <param name="candidate">The candidate.</param>
/// <param name="problem">The reason why it cannot be used.</param>
internal sealed class PassedOver(ClangCandidate candidate, string problem)
{
    public ClangCandidate Candidate => candidate;

    public string Problem => problem;
}
