using Hypermesh.Bpf.Features;

namespace Hypermesh.Bpf.FeatureChecks;

/// <summary>The options the running kernel was built with, read once.</summary>
internal sealed class KernelOptions
{
    private const string Prefix = "CONFIG_";

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private KernelOptions(string text)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int equals = line.IndexOf('=');
            if (equals > 0 && line.StartsWith(Prefix, StringComparison.Ordinal))
            {
                _values[line[..equals].ToString()] = line[(equals + 1)..].ToString();
            }
        }
    }

    internal static KernelOptions? TryRead(IKernel kernel) => KernelConfigText.TryRead(kernel) is { } text ? new KernelOptions(text) : null;

    internal BpfFeatureResult Check(string name) => _values.TryGetValue(name, out string? value)
        ? new BpfFeatureResult(name, BpfFeatureState.Supported, value)
        : new BpfFeatureResult(name, BpfFeatureState.Absent, "not set");
}
