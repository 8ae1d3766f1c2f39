using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Runs the checks for C that clang accepts and the kernel rejects, or that surprises the user of the C#. They read the object and the task's notes about the C, and report at the line of C.</summary>
internal static class SourceChecks
{
    public static void Run(BpfObjectSpec spec, BtfTypes types, EventTypes events, Carrier carrier, SourceLines lines, Findings findings)
    {
        LicenseCheck.Run(spec, types, lines, findings);
        EventTypeCheck.Run(spec, types, events, lines, findings);
        KeyPaddingCheck.Run(spec, types, findings);
        MapDefinitionCheck.Run(spec, types, findings);
        MapTypeCheck.Run(spec, types, findings);
        SectionCheck.Run(spec, lines, findings);
        FunctionSectionCheck.Run(spec, types, lines, findings);
        ContextCheck.Run(spec, types, lines, findings);
        RecordStartCheck.Run(spec, types, lines, findings);
        ReturnProbeCheck.Run(spec, types, lines, findings);
        VerdictCheck.Run(spec, lines, findings);
        RefusalCheck.Run(spec, types, lines, findings);
        MapHelperCheck.Run(spec, lines, findings);
        FirstCountCheck.Run(spec, lines, findings);
        ConstantCheck.Run(spec, types, findings);
        DataPointerCheck.Run(spec, findings);
        EventPointerCheck.Run(spec, types, events, findings);
        KernelFunctionCheck.Run(spec, findings);
        KernelFieldCheck.Run(spec, lines, findings);
        ProcessMemoryCheck.Run(spec, lines, findings);
        SentRecordCheck.Run(spec, types, events, lines, findings);
        StoredAddressCheck.Run(spec, types, lines, findings);
        WholeIdCheck.Run(spec, lines, findings);
        MetricTagCheck.Run(spec, findings);
        NetworkOrderCheck.Run(carrier.Orders, findings);
        FoundMistakes.Run(carrier.Mistakes, findings);
        if (carrier.OldestKernel is { } oldest)
        {
            RequirementCheck.Run(spec, oldest, lines, findings);
        }
    }
}
