namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>Subtraction of counts that were not read at the same moment.</summary>
internal static class Saturating
{
    /// <summary>Returns the difference; 0 where it would be negative.</summary>
    internal static ulong Subtract(ulong value, ulong by) => value > by ? value - by : 0;
}
