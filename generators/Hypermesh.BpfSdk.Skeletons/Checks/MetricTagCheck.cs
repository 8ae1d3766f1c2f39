using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Metrics;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports uses of HM_COUNTER and HM_GAUGE that cannot become an instrument. A load leaves them out, and nobody would notice.</summary>
internal static class MetricTagCheck
{
    public static void Run(BpfObjectSpec spec, Findings findings)
    {
        foreach (MetricFault fault in MetricTagReader.Read(spec).Faults)
        {
            findings.Add(SourceIds.MetricTag, fault.CName, 0, fault.Use, fault.Subject, fault.Problem + ".");
        }
    }
}
