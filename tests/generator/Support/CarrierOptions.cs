using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>The item metadata that tells carriers from other additional files.</summary>
internal sealed class CarrierOptions : AnalyzerConfigOptionsProvider
{
    public override AnalyzerConfigOptions GlobalOptions { get; } = new Values([]);

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile)
        => textFile is CarrierFile
            ? new Values(new() { ["build_metadata.AdditionalFiles.SourceItemGroup"] = "BpfCarrier" })
            : GlobalOptions;

    private sealed class Values(Dictionary<string, string> values) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, out string value)
            => values.TryGetValue(key, out value!);
    }
}
