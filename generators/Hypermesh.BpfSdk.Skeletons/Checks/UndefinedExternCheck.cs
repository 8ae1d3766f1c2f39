using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Errors;
using Hypermesh.Bpf.Objects.Requirements;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports names that a C file declares <c>extern</c> and that neither the file nor the kernel defines. Such an object has no spec, so this check reads the lines itself.</summary>
internal static class UndefinedExternCheck
{
    private const string Link = "or link the objects with hmbpf gen object";

    public static EquatableArray<DiagnosticInfo> Run(Carrier carrier, IReadOnlyList<UndefinedExtern> undefined)
    {
        ElfObject elf = ElfObject.Read(carrier.Image, carrier.Source);
        BtfTypes types = BtfTypes.Read(elf.FindSection(".BTF")!.Data, carrier.Source);
        BtfExtension? extension = elf.FindSection(".BTF.ext") is { Size: > 0 } section ? BtfExtension.Read(section.Data, carrier.Source, types) : null;
        var lines = new SourceLines(new BpfObjectSpec(carrier.Source, elf, types, extension), types, carrier.Source, new SourceNotes(carrier.Notes));
        var findings = new Findings(carrier.Source, lines.Of);
        foreach (UndefinedExtern one in undefined)
        {
            findings.Add(SourceIds.UndefinedExtern, one.Name, 0, char.ToUpperInvariant(one.Kind[0]) + one.Kind.Substring(1), one.Name, Remedy(one));
        }

        return findings.ToArray();
    }

    private static string Remedy(UndefinedExtern one) => one switch
    {
        { Kind: "map" } => $"Define it in this file (in a header that both include) and share the map between the objects with ReplacedMaps or by pinning, {Link}",
        { Kind: "variable" } when one.Name.StartsWith("CONFIG_", StringComparison.Ordinal) || one.Name == "LINUX_KERNEL_VERSION" => "It is an option of the kernel: end its declaration with __kconfig",
        { Kind: "function" } when KernelFunctionFacts.Find(one.Name) is not null || KernelFunctionFacts.MayBeInModule(one.Name) => "It is a function of the kernel: end its declaration with __ksym",
        { Kind: "function" } => $"Define it in this file (as static inline in a header that both include), {Link}",
        _ => $"Define it in this file, or keep the value in a map that the objects share (ReplacedMaps or pinning), {Link}. A variable of the kernel is declared __ksym",
    };
}
