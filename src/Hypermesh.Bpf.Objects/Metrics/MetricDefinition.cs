namespace Hypermesh.Bpf.Objects.Metrics;

/// <summary>An instrument that an object's C declares: a tag, and where its values are.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Value">The integer within the map's value, or within the data section.</param>
/// <param name="Attributes">The attributes that come from the key; empty for a variable.</param>
internal sealed record MetricDefinition(MetricTag Tag, MetricInteger Value, IReadOnlyList<MetricAttribute> Attributes)
{
    /// <summary>The map with the values; null for a variable.</summary>
    public BpfMapSpec? Map { get; init; }

    /// <summary>The data section with the variable; null for a map.</summary>
    public BpfDataSectionSpec? Section { get; init; }
}

/// <summary>A tag that cannot become an instrument.</summary>
/// <param name="CName">The tagged declaration: a name, or <c>struct traffic.bytes</c> for a member.</param>
/// <param name="Use">The tag, as in the C.</param>
/// <param name="Subject">The declaration, for messages.</param>
/// <param name="Problem">What is wrong, and the remedy.</param>
internal sealed record MetricFault(string CName, string Use, string Subject, string Problem);

/// <summary>All tags of an object: the instruments that they declare, and those that cannot become one.</summary>
/// <param name="Metrics">The instruments, in the order of the object's types.</param>
/// <param name="Faults">The others.</param>
internal sealed record MetricTags(IReadOnlyList<MetricDefinition> Metrics, IReadOnlyList<MetricFault> Faults);
