namespace Hypermesh.Bpf;

/// <summary>A program that can be run on a context alone: raw tracepoints, syscall programs, socket lookup.</summary>
public interface IBpfContextTest
{
    /// <summary>The program's name.</summary>
    string Name { get; }
}
