using System.Reflection;
using System.Text;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Tests.Support;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Figures;

public sealed class MetricTableTests
{
    [Fact]
    public void The_names_are_those_written_down()
    {
        var text = new StringBuilder();
        foreach (Metric metric in MetricTable.All)
        {
            text.Append(metric.Name).Append(' ').Append(metric.Kind).Append(' ').Append(metric.Unit.Length == 0 ? "-" : metric.Unit).Append(' ').Append(metric.PrometheusName)
                .Append(" [").AppendJoin(' ', metric.Attributes).Append("]\n");
        }

        GoldenFile.Check("Metrics", text.ToString());
    }

    [Fact]
    public void The_list_has_every_metric_once()
    {
        Metric[] declared = [.. typeof(MetricTable).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Select(static field => field.GetValue(null)).OfType<Metric>()];

        Assert.Equal(declared.Select(static metric => metric.Name).Order(StringComparer.Ordinal), MetricTable.All.Select(static metric => metric.Name).Order(StringComparer.Ordinal));
        Assert.Equal(declared.Length, MetricTable.All.Select(static metric => metric.PrometheusName).Distinct().Count());
        Assert.Equal(declared.Length, MetricTable.All.Select(static metric => metric.Name).Distinct().Count());
    }

    [Fact]
    public void A_name_in_Prometheus_is_one_of_ours()
        => Assert.All(MetricTable.All, static metric => Assert.Matches("^(hypermesh|bpf)_[a-z0-9_]+$", metric.PrometheusName));

    [Fact]
    public void A_metric_has_at_most_three_attributes_and_none_that_grows_without_bound()
        => Assert.All(MetricTable.All, static metric =>
        {
            Assert.True(metric.Attributes.Length <= 3, metric.Name);
            Assert.Empty(metric.Attributes.SelectMany(static name => name.Split('.')).Intersect(["pid", "tid", "comm", "executable", "command", "address", "port"]));
        });

    [Fact]
    public void A_help_is_one_line_that_ends_like_a_sentence()
        => Assert.All(MetricTable.All, static metric => Assert.Matches("^[A-Z1][^\n\\\\]+\\.$", metric.Help));
}
