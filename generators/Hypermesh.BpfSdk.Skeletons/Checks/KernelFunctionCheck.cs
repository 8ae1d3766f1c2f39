using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.NameMatching;
using Hypermesh.Bpf.Objects.Requirements;
using Hypermesh.Bpf.Objects.Spec;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports kernel functions that are in none of the known kernels, unless they are declared <c>__weak</c>: those may be missing.</summary>
internal static class KernelFunctionCheck
{
    public static void Run(BpfObjectSpec spec, Findings findings)
    {
        foreach (BpfExternSpec function in spec.Externs.Where(one => one.Kind == BpfExternKind.Function && !one.IsWeak && !IsKnown(one.KernelName)))
        {
            var near = new NearNames(function.KernelName);
            foreach (string name in KernelFunctionFacts.All.Concat(KernelFunctionFacts.OfModules))
            {
                near.See(name);
            }

            string nearest = near.Best.Count > 0 ? $"; similar names: {string.Join(", ", near.Best)}" : "";
            findings.Add(SourceIds.UnknownKernelFunction, function.Name, 0, function.KernelName, $"{KernelFunctionFacts.Oldest} to {KernelFunctionFacts.Newest}", nearest);
        }
    }

    private static bool IsKnown(string name) => KernelFunctionFacts.Find(name) is not null || KernelFunctionFacts.MayBeInModule(name);
}
