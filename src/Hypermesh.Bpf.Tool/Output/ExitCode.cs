namespace Hypermesh.Bpf.Tool.Output;

/// <summary>What the command ends with.</summary>
internal static class ExitCode
{
    internal const int Success = 0;

    /// <summary>Something failed, or the kernel refused it.</summary>
    internal const int Failure = 1;

    /// <summary>The command line makes no sense.</summary>
    internal const int Usage = 2;

    /// <summary>Ended by Ctrl-C, as shells write it.</summary>
    internal const int Interrupted = 130;
}
