namespace Hypermesh.Bpf.Tool.Output;

/// <summary>The exit codes of a command.</summary>
internal static class ExitCode
{
    internal const int Success = 0;

    /// <summary>Something failed, or the kernel refused it.</summary>
    internal const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    internal const int Usage = 2;

    /// <summary>Ended by Ctrl-C, as in shells.</summary>
    internal const int Interrupted = 130;
}
