using Microsoft.CodeAnalysis;

namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>The table of what is questionable in the C: told at its line, with the line to write instead.</summary>
internal static class SourceDescriptors
{
    private const string Category = "Hypermesh.BpfSdk";

    public static readonly DiagnosticDescriptor NoLicense = new(
        SourceIds.NoLicense,
        "A BPF object states no license",
        "'{0}' states no license, so the kernel refuses every helper kept for the GPL. Write char LICENSE[] SEC(\"license\") = \"Dual BSD/GPL\"; or another license.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NoLicense));

    public static readonly DiagnosticDescriptor GplOnlyHelper = new(
        SourceIds.GplOnlyHelper,
        "What is kept for the GPL is used under another license",
        "{0} is for programs under the GPL, and this object's license is '{1}': the kernel will refuse '{2}'. Write char LICENSE[] SEC(\"license\") = \"Dual BSD/GPL\"; or \"GPL\".",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.GplOnlyHelper));

    public static readonly DiagnosticDescriptor UnknownEvent = new(
        SourceIds.UnknownEvent,
        "The type of an event is not in the object",
        "{0} '{1}' does not name the type of its records, {2}, and clang leaves out of the object what nothing names: C# gets bytes. Write {3}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.UnknownEvent));

    public static readonly DiagnosticDescriptor PaddedKey = new(
        SourceIds.PaddedKey,
        "The key of a map has padding",
        "The key of map '{0}', {1}, has padding ({2}). It counts when keys are compared, and a variable of a function does not zero it: clear the key with __builtin_memset before its fields are set, or fill the gap with fields.",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.PaddedKey));

    public static readonly DiagnosticDescriptor NewerThanOldest = new(
        SourceIds.NewerThanOldest,
        "Something is newer than the oldest kernel of the project",
        "{0} {1}, and this file is for {2} on (BpfMinimumKernel). {3}, or raise BpfMinimumKernel.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NewerThanOldest));

    public static readonly DiagnosticDescriptor[] All = [NoLicense, GplOnlyHelper, UnknownEvent, PaddedKey, NewerThanOldest];
}
