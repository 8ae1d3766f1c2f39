using System.Globalization;

namespace Hypermesh.Bpf.Monitoring.Figures;

/// <summary>The numbers of CPUs as text, made once.</summary>
internal static class CpuNames
{
    private static readonly string[] s_names = [.. Enumerable.Range(0, PossibleCpus.Current.Numbers[^1] + 1).Select(static number => number.ToString(CultureInfo.InvariantCulture))];

    internal static string Of(int cpu) => s_names[cpu];
}
