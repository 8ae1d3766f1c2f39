namespace Hypermesh.Bpf.Monitoring.Figures;

/// <summary>Reports the figures of cgroups: the largest ones by their path, all others together as the rest. A machine may have thousands of them, most of which hardly do anything.</summary>
internal static class LargestGroups
{
    /// <summary>The number of cgroups that are reported by their path.</summary>
    internal const int Most = 100;

    /// <summary>Adds to a counter whose first attribute is the path.</summary>
    /// <param name="sink">Receives the figures.</param>
    /// <param name="metric">The counter.</param>
    /// <param name="groups">The cgroups, the largest first.</param>
    /// <param name="path">Returns the path of a cgroup; null when it is not known.</param>
    /// <param name="figures">For each value of the second attribute, or for null where there is none, what a cgroup has counted.</param>
    internal static void Report<T>(IFigureSink sink, Metric metric, List<T> groups, Func<T, string?> path, params ReadOnlySpan<(string? Second, Func<T, double> Value)> figures)
    {
        Span<double> rest = stackalloc double[figures.Length];
        bool hasRest = false;
        for (int i = 0; i < groups.Count; i++)
        {
            string? name = i < Most ? path(groups[i]) : null;
            hasRest |= name is null;
            for (int figure = 0; figure < figures.Length; figure++)
            {
                double value = figures[figure].Value(groups[i]);
                if (name is null)
                {
                    rest[figure] += value;
                }
                else
                {
                    sink.Add(metric, value, new MetricLabels(name, figures[figure].Second));
                }
            }
        }

        for (int figure = 0; hasRest && figure < figures.Length; figure++)
        {
            sink.Add(metric, rest[figure], new MetricLabels(MetricLabels.Rest, figures[figure].Second));
        }
    }
}
