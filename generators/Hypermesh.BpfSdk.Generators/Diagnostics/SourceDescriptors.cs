using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Microsoft.CodeAnalysis;

namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>The diagnostics about the C. Each is reported at its line, with the line to write instead.</summary>
internal static class SourceDescriptors
{
    private const string Category = "Hypermesh.BpfSdk";

    public static readonly DiagnosticDescriptor NoLicense = new(
        SourceIds.NoLicense,
        "A BPF object states no license",
        "'{0}' states no license, so the kernel rejects every GPL-only helper. Write char LICENSE[] SEC(\"license\") = \"Dual BSD/GPL\"; or another license.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NoLicense));

    public static readonly DiagnosticDescriptor GplOnlyHelper = new(
        SourceIds.GplOnlyHelper,
        "A GPL-only feature is used under another license",
        "{0} is for programs under the GPL, and this object's license is '{1}': the kernel will reject '{2}'. Write char LICENSE[] SEC(\"license\") = \"Dual BSD/GPL\"; or \"GPL\".",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.GplOnlyHelper));

    public static readonly DiagnosticDescriptor UnknownEvent = new(
        SourceIds.UnknownEvent,
        "The type of an event is not in the object",
        "{0} '{1}' does not name the type of its records, {2}, and clang leaves out types that nothing names: C# gets bytes. Write {3}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.UnknownEvent));

    public static readonly DiagnosticDescriptor PaddedKey = new(
        SourceIds.PaddedKey,
        "The key of a map has padding",
        "The key of map '{0}', {1}, has padding ({2}). Padding is compared with the key, and a local variable leaves it uninitialized: clear the key with __builtin_memset before its fields are set, or fill the gap with fields.",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.PaddedKey));

    public static readonly DiagnosticDescriptor NewerThanOldest = new(
        SourceIds.NewerThanOldest,
        "A feature requires a newer kernel than BpfMinimumKernel",
        "{0} {1}, and the oldest kernel of this file is {2} (BpfMinimumKernel). {3}, or raise BpfMinimumKernel.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NewerThanOldest));

    public static readonly DiagnosticDescriptor IncompleteMap = new(
        SourceIds.IncompleteMap,
        "The kernel rejects a map's definition",
        "The definition of map {0} ({1}) {2}",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.IncompleteMap));

    public static readonly DiagnosticDescriptor MapOutsideMaps = new(
        SourceIds.MapOutsideMaps,
        "A map's definition is not in SEC(\".maps\")",
        "'{0}' is defined like a map but is in section {1}, so it is a plain variable: no map is created, and the verifier rejects the programs that use it. End its definition with '}} {0} SEC(\".maps\");'.",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.MapOutsideMaps));

    public static readonly DiagnosticDescriptor UnknownSection = new(
        SourceIds.UnknownSection,
        "A section does not name a program type",
        "SEC(\"{1}\") of program '{0}' does not name a known program type, so the program cannot be loaded. {2}.",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.UnknownSection));

    public static readonly DiagnosticDescriptor NoTarget = new(
        SourceIds.NoTarget,
        "A section does not name the target of its program",
        "SEC(\"{1}\") of program '{0}' does not name the program's target, and C# cannot set it. Write the target in the section, as in SEC(\"{2}\").",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NoTarget));

    public static readonly DiagnosticDescriptor UnknownKernelFunction = new(
        SourceIds.UnknownKernelFunction,
        "A kernel function is in none of the known kernels",
        "Kernel function '{0}' is in none of the known kernels (Linux {1}){2}. The load fails on a kernel without it. Correct the name, or, for a function of a module or of a newer kernel, declare it __ksym __weak and call it only within if ({0}).",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.UnknownKernelFunction));

    public static readonly DiagnosticDescriptor FixedKernelField = new(
        SourceIds.FixedKernelField,
        "A field of a kernel struct is read at a fixed offset",
        "'{0}' in '{1}' is read at the offset that the field has in this C. Where the running kernel has it at another offset, the program reads a wrong value without an error. Declare the struct with __attribute__((preserve_access_index)), or take it from vmlinux.h (<BpfVmlinux>pruned</BpfVmlinux>).",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.FixedKernelField));

    public static readonly DiagnosticDescriptor NoSection = new(
        SourceIds.NoSection,
        "A function has no section and is not called",
        "Function '{0}' has no section and no program calls it, so the kernel never runs it. If it is a program, write its section above it, such as SEC(\"tp_btf/sched_process_fork\"); if not, make it static.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NoSection));

    public static readonly DiagnosticDescriptor FoldedConstant = new(
        SourceIds.FoldedConstant,
        "A constant that C# can set is not read",
        "'{0}' is const and not volatile, so clang wrote its value into the programs: what C# sets before Load has no effect. Write const volatile {1}, or static const if C# does not need to set it.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.FoldedConstant));

    public static readonly DiagnosticDescriptor PointerInData = new(
        SourceIds.PointerInData,
        "A variable holds the address of other data",
        "'{0}' (section {1}) holds the address of other data, and the load does not write addresses into variables: the pointer is NULL in the program. Write the text itself, as in static const char {0}[][16] = {{ \"one\", \"two\" }};, or choose it with a switch in a function.",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.PointerInData));

    public static readonly DiagnosticDescriptor PointerInEvent = new(
        SourceIds.PointerInEvent,
        "A record that is sent to C# has a pointer",
        "'{0}' of {1} is a pointer, and what it points to is not sent: C# receives only an address. Write {2}. If the address itself is wanted, declare it void * or __u64.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.PointerInEvent));

    public static readonly DiagnosticDescriptor NetworkOrder = new(
        SourceIds.NetworkOrder,
        "A value in network byte order is compared with a constant that is not",
        "{0} is in network byte order (big-endian), and {1} is in the byte order of the machine, so on little-endian machines the comparison does not do what it says. Write {2}, of <bpf/bpf_endian.h>.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NetworkOrder));

    public static readonly DiagnosticDescriptor UndefinedExtern = new(
        SourceIds.UndefinedExtern,
        "A name is declared extern and not defined in its file",
        "{0} '{1}' is declared extern here, and each .bpf.c becomes an object of its own. {2}.",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.UndefinedExtern));

    public static readonly DiagnosticDescriptor ProcessMemory = new(
        SourceIds.ProcessMemory,
        "Memory of a process is read with a helper for kernel memory",
        "{0} in '{1}' gets an address that a process passed, and it reads kernel memory only: it returns an error, and the destination stays empty. Write {2}, which reads the memory of the process.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.ProcessMemory));

    public static readonly DiagnosticDescriptor MetricTag = new(
        SourceIds.MetricTag,
        "A metric tag cannot become an instrument",
        "{0} of {1} cannot become an instrument: {2}",
        Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.MetricTag));

    public static readonly DiagnosticDescriptor UntypedMap = new(
        SourceIds.UntypedMap,
        "The type of a map's keys or values is not known",
        "The definition of map {0} states only {1}, so C# and the tools get a number or bytes without fields. Write {2} in place of {3}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.UntypedMap));

    public static readonly DiagnosticDescriptor WholeId = new(
        SourceIds.WholeId,
        "Two IDs in one number are compared with one ID",
        "{0} returns {1}, and all 64 bits are compared with a value of 32 bits, so the comparison does not do what it says. Write {2}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.WholeId));

    public static readonly DiagnosticDescriptor OtherRecord = new(
        SourceIds.OtherRecord,
        "A record is sent that is not of the type that C# reads",
        "{0} sends '{1}' {2}. {3}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.OtherRecord));

    public static readonly DiagnosticDescriptor UncountedRecord = new(
        SourceIds.UncountedRecord,
        "A record that finds no room is not counted",
        "{0} does not count the records for which ring buffer '{1}' has no room, so Dropped in C# is too low. Write {2}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.UncountedRecord));

    public static readonly DiagnosticDescriptor FirstCpuOnly = new(
        SourceIds.FirstCpuOnly,
        "Events are sent only from CPU 0",
        "{0} to '{1}' has the flags 0, which name CPU 0: on every other CPU the call fails, and the event is lost. Write BPF_F_CURRENT_CPU in place of 0.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.FirstCpuOnly));

    public static readonly DiagnosticDescriptor AddressInMap = new(
        SourceIds.AddressInMap,
        "A map's key or value is an address",
        "{0} {1}. Write {2}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.AddressInMap));

    public static readonly DiagnosticDescriptor OtherContext = new(
        SourceIds.OtherContext,
        "A program's parameter is not the context of its section",
        "Program '{0}' takes '{1}', but SEC(\"{2}\") passes {3}: the program reads other values than it names, or the verifier rejects it. Write {4}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.OtherContext));

    public static readonly DiagnosticDescriptor OtherVerdict = new(
        SourceIds.OtherVerdict,
        "A program returns a constant of another hook",
        "Program '{0}' in SEC(\"{1}\") returns {2}, which means {3} there. Write {4}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.OtherVerdict));

    public static readonly DiagnosticDescriptor LostParameters = new(
        SourceIds.LostParameters,
        "A return probe reads parameters",
        "Program '{0}' in SEC(\"{1}\") runs when the function returns, and {2} reads parameters, which are gone by then. Write {3}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.LostParameters));

    public static readonly DiagnosticDescriptor OtherMapType = new(
        SourceIds.OtherMapType,
        "A helper is called on a map of another type",
        "{0} does not work on '{1}', which is {2}. Write {3}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.OtherMapType));

    public static readonly DiagnosticDescriptor ScaledPointer = new(
        SourceIds.ScaledPointer,
        "A size in bytes is added to a pointer to a struct",
        "{0} points to {1} of {2} bytes, so adding {3} to it moves it by {3} times {2} bytes. Write {4}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.ScaledPointer));

    public static readonly DiagnosticDescriptor OtherArguments = new(
        SourceIds.OtherArguments,
        "BPF_PROG names other arguments than the tracepoint passes",
        "Program '{0}' in SEC(\"{1}\") declares {2}: it reads other values than it names, or the verifier rejects it. Write {3}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.OtherArguments));

    public static readonly DiagnosticDescriptor UnsetMember = new(
        SourceIds.UnsetMember,
        "A member of a record is never set",
        "Of '{0}' ({1}), {2} {3} never set, and what is sent or stored has there what the memory had before. Set all members, or write {4}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.UnsetMember));

    public static readonly DiagnosticDescriptor NarrowId = new(
        SourceIds.NarrowId,
        "The lower half of two IDs is named as the upper half",
        "'{0}' gets the lower half of two IDs, {1}. Write {2}; if the lower half is meant, name it '{3}' or write {4}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NarrowId));

    public static readonly DiagnosticDescriptor DataLocation = new(
        SourceIds.DataLocation,
        "The length of a text is added to its place",
        "'{0}' has the length of the text in its upper half and the place in its lower half, and both are added to the record's address. Write (void *)ctx + (ctx->{0} & 0xffff).",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.DataLocation));

    public static readonly DiagnosticDescriptor TextOrder = new(
        SourceIds.TextOrder,
        "The constant text of bpf_strncmp is not last",
        "bpf_strncmp compares its first argument with a constant text, which is the last argument, but {0} is first: the verifier rejects the call. Write {1}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.TextOrder));

    public static readonly DiagnosticDescriptor RecordStart = new(
        SourceIds.RecordStart,
        "A struct lacks the start of a tracepoint's record",
        "The record of a tracepoint begins with 8 bytes that all tracepoints have, and program '{0}' {1}: all members are 8 bytes too early. Write unsigned long long common; as the first member of struct {2}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.RecordStart));

    public static readonly DiagnosticDescriptor FirstCount = new(
        SourceIds.FirstCount,
        "The first count of a key can be lost",
        "Two CPUs that add the same key to '{0}' at once lose one of the two counts: {1}. Write hm_lookup_or_add(&{0}, &key, &zero) of <hypermesh/map.h> and count in the value that it returns, or look the key up once more after the update.",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.FirstCount));

    public static readonly DiagnosticDescriptor NetworkSum = new(
        SourceIds.NetworkSum,
        "A calculation uses a value in network byte order",
        "{0} is in network byte order (big-endian), so on little-endian machines its bytes are reversed in this calculation: 40 counts as 10240. Write {1}, of <bpf/bpf_endian.h>.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NetworkSum));

    public static readonly DiagnosticDescriptor NetworkCopy = new(
        SourceIds.NetworkCopy,
        "A value in network byte order is stored as a plain number",
        "{0} is in network byte order (big-endian), and {1} is a plain number: on little-endian machines C# reads 80 as 20480. Write {2}, of <bpf/bpf_endian.h>, or declare the type {3}, for which C# has the number as HostOrder.",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NetworkCopy));

    public static readonly DiagnosticDescriptor PointerSize = new(
        SourceIds.PointerSize,
        "The size of a pointer is used for what it points to",
        "'{0}' is a pointer, so sizeof({0}) is 8, the size of an address, and {1}. Write {2}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.PointerSize));

    public static readonly DiagnosticDescriptor NarrowTime = new(
        SourceIds.NarrowTime,
        "A time in nanoseconds is cut",
        "'{0}' is {1}, and nanoseconds need 64 bits: what it gets from {2} starts again at 0 every {3}. Declare it __u64, or write (__u32){2}() if the lower bits are meant.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.NarrowTime));

    public static readonly DiagnosticDescriptor PrintFormat = new(
        SourceIds.PrintFormat,
        "The kernel rejects a format",
        "The format of {0} has {1}: the kernel rejects the whole format, and nothing is printed. Write {2}.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(SourceIds.PrintFormat));

    public static readonly DiagnosticDescriptor[] All =
    [
        NoLicense, GplOnlyHelper, UnknownEvent, PaddedKey, NewerThanOldest, IncompleteMap, MapOutsideMaps, UnknownSection, NoTarget, UnknownKernelFunction, FixedKernelField,
        NoSection, FoldedConstant, PointerInData, PointerInEvent, NetworkOrder, UndefinedExtern, ProcessMemory, MetricTag,
        UntypedMap, WholeId, OtherRecord, UncountedRecord, FirstCpuOnly, AddressInMap, OtherContext, OtherVerdict,
        LostParameters, OtherMapType, ScaledPointer, OtherArguments, UnsetMember, NarrowId, DataLocation, TextOrder, RecordStart,
        FirstCount, NetworkSum, NetworkCopy, PointerSize, NarrowTime, PrintFormat,
    ];
}
