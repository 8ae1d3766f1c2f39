using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Microsoft.CodeAnalysis;

namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>The generator's diagnostics, with their messages and severities.</summary>
internal static class DiagnosticDescriptors
{
    private const string Category = "Hypermesh.BpfSdk";

    public static readonly DiagnosticDescriptor UnreadableCarrier = Error(
        DiagnosticIds.UnreadableCarrier,
        "The carrier of a BPF object cannot be read",
        "'{0}' cannot be read: {1}. Build the project again; the clang task writes this file.");

    public static readonly DiagnosticDescriptor BadCarrier = Error(
        DiagnosticIds.BadCarrier,
        "The carrier of a BPF object is damaged",
        "The carrier of '{0}' is damaged: {1}. Delete the intermediate folder (obj) and build again.");

    public static readonly DiagnosticDescriptor BadObject = Error(
        DiagnosticIds.BadObject,
        "A BPF object is damaged",
        "The object compiled from '{0}' cannot be read: {1} Delete the intermediate folder (obj) and build again. If the error remains, use another clang (BpfClangPath).");

    public static readonly DiagnosticDescriptor NoBtf = Error(
        DiagnosticIds.NoBtf,
        "A BPF object has no BTF",
        "The object compiled from '{0}' has no BTF, so its types are unknown. Compile it with -g (the clang task does so unless AdditionalOptions of the file switches it off).");

    public static readonly DiagnosticDescriptor NoPrograms = Error(
        DiagnosticIds.NoPrograms,
        "A BPF object is empty",
        "'{0}' has no programs, no maps and no global variables. Give at least one function that is not static a section, for example SEC(\"tp_btf/sched_switch\"), or put a map into SEC(\".maps\").");

    public static readonly DiagnosticDescriptor BadClassName = Error(
        DiagnosticIds.BadClassName,
        "A skeleton's name is not a C# name",
        "The skeleton of '{0}' cannot be called '{1}': {2}. Rename the file, or give the class another name: <BpfCompile Update=\"{0}\" ClassName=\"…\" />.");

    public static readonly DiagnosticDescriptor DuplicateClass = Error(
        DiagnosticIds.DuplicateClass,
        "Two BPF sources generate the same class",
        "'{0}' and '{1}' both generate the class '{2}'. Rename one file, or set its metadata Namespace or ClassName.");

    public static readonly DiagnosticDescriptor NameClash = Error(
        DiagnosticIds.NameClash,
        "Two C names map to the same C# name",
        "{0} '{1}' and {2} '{3}' would both be called '{4}' in {5}. Rename one of them in the C.");

    public static readonly DiagnosticDescriptor UnsupportedType = Warning(
        DiagnosticIds.UnsupportedType,
        "A C type cannot be expressed in C#",
        "{0} '{1}' is left out: {2} If C# does not need it, add HMBPF2009 to NoWarn.");

    public static readonly DiagnosticDescriptor BigEndianObject = Error(
        DiagnosticIds.BigEndianObject,
        "A BPF object is for big-endian machines",
        "The object compiled from '{0}' is for big-endian machines, which skeletons do not support. Compile it with -target bpfel.");

    public static readonly DiagnosticDescriptor UncountedRing = new(
        DiagnosticIds.UncountedRing,
        "A ring buffer does not count what it drops",
        "Ring buffer '{0}' does not count records that find no room, so it has no Dropped. Declare it with HM_RINGBUF and write with hm_reserve or hm_output of <hypermesh/ringbuf.h>.",
        Category,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: HelpPages.Of(DiagnosticIds.UncountedRing));

    public static readonly DiagnosticDescriptor MissingEventType = Error(
        DiagnosticIds.MissingEventType,
        "The type of a map's records is not in the object",
        "'{0}', the type of the records of map '{1}', is not in the object: clang leaves out types that no variable, map or function uses. Write __type(value, {0}) in the map, or HM_EVENT({0}); of <hypermesh/event.h> beside it.");

    public static readonly DiagnosticDescriptor BadEvents = Error(
        DiagnosticIds.BadEvents,
        "The kinds of a record cannot be distinguished",
        "The members of '{0}' that have HM_KIND cannot be distinguished: {1}.");

    public static readonly DiagnosticDescriptor BadMap = Error(
        DiagnosticIds.BadMap,
        "A map's definition cannot be read",
        "The definition of a map of '{0}' cannot be read: {1}");

    public static readonly DiagnosticDescriptor MeetsType = Warning(
        DiagnosticIds.MeetsType,
        "A skeleton has the name of an implicitly imported type",
        "The skeleton of '{0}' is named '{1}', like {2}.{1}, which ImplicitUsings imports: in C# the name then means the skeleton, or is ambiguous (CS0117, CS0104). Rename the file, or give the class another name: <BpfCompile Update=\"{0}\" ClassName=\"{1}Program\" />.");

    public static readonly DiagnosticDescriptor OldLanguage = Error(
        DiagnosticIds.OldLanguage,
        "The project's C# is too old for skeletons",
        "Skeletons need C# 12 or newer, and this project is compiled as C# {0}, so their classes are generated without members. Set <LangVersion>latest</LangVersion> in the project, or remove LangVersion: the SDK then takes the version of the target framework.");

    public static readonly DiagnosticDescriptor InternalError = Error(
        DiagnosticIds.InternalError,
        "The generator failed",
        "The generator failed on '{0}': {1}. This is a bug in Hypermesh.BpfSdk; please report it with the object.");

    private static readonly Dictionary<string, DiagnosticDescriptor> s_byId = new[]
    {
        UnreadableCarrier, BadCarrier, BadObject, NoBtf, NoPrograms, BadClassName, DuplicateClass, NameClash, UnsupportedType,
        BigEndianObject, UncountedRing, MissingEventType, BadEvents, BadMap, MeetsType, OldLanguage, InternalError,
    }.Concat(SourceDescriptors.All).ToDictionary(descriptor => descriptor.Id, StringComparer.Ordinal);

    public static DiagnosticDescriptor Find(string id) => s_byId[id];

    private static DiagnosticDescriptor Error(string id, string title, string message)
        => new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(id), customTags: WellKnownDiagnosticTags.NotConfigurable);

    private static DiagnosticDescriptor Warning(string id, string title, string message)
        => new(id, title, message, Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(id));
}
