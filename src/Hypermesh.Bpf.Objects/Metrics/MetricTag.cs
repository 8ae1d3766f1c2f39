namespace Hypermesh.Bpf.Objects.Metrics;

/// <summary>A use of HM_COUNTER or HM_GAUGE of <c>hypermesh/metric.h</c>, as the C states it.</summary>
/// <param name="IsCounter">True for a counter, false for a gauge.</param>
/// <param name="Name">The name of the instrument.</param>
/// <param name="Unit">Its unit; empty when the C states none.</param>
/// <param name="Description">Its description; empty when the C states none.</param>
internal sealed record MetricTag(bool IsCounter, string Name, string Unit, string Description)
{
    private const string CounterPrefix = "hypermesh.counter:";
    private const string GaugePrefix = "hypermesh.gauge:";
    private const int LongestName = 255;
    private const int LongestUnit = 63;

    private static readonly char[] s_separator = ['\t'];

    /// <summary>The tag as in the C, for messages.</summary>
    public string Use => $"{(IsCounter ? "HM_COUNTER" : "HM_GAUGE")}(\"{Name}\")";

    /// <summary>What is wrong with the name or the unit, and the remedy; null when both are valid in OpenTelemetry.</summary>
    public string? Fault
        => !IsName(Name) ? $"its name must begin with a letter and have at most {LongestName} letters, digits, '_', '.', '-' and '/'. Write a name such as \"app.requests\""
            : Unit.Length > LongestUnit ? $"its unit has {Unit.Length} characters, and at most {LongestUnit} are allowed. Write a unit such as \"By\" or \"{{request}}\""
            : Unit.Any(static one => one is < ' ' or > '~') ? "its unit has a character that is not printable ASCII. Write a unit such as \"By\" or \"{request}\""
            : null;

    /// <summary>Reads the text of a tag; null for a tag that is not about a metric.</summary>
    public static MetricTag? Read(string text)
    {
        bool isCounter = text.StartsWith(CounterPrefix, StringComparison.Ordinal);
        if (!isCounter && !text.StartsWith(GaugePrefix, StringComparison.Ordinal))
        {
            return null;
        }

        string[] parts = text.Substring(isCounter ? CounterPrefix.Length : GaugePrefix.Length).Split(s_separator, 3);
        return new MetricTag(isCounter, parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "");
    }

    private static bool IsName(string name)
        => name.Length is > 0 and <= LongestName && IsLetter(name[0]) && name.All(static one => IsLetter(one) || one is (>= '0' and <= '9') or '_' or '.' or '-' or '/');

    private static bool IsLetter(char one) => one is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');
}
