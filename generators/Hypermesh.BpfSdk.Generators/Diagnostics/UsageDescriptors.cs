using Microsoft.CodeAnalysis;

namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>The analyzers' diagnostics. A warning is always a mistake; what may be intended is a suggestion.</summary>
internal static class UsageDescriptors
{
    public static readonly DiagnosticDescriptor NotDisposed = Warning(
        UsageIds.NotDisposed,
        "A live object is not disposed",
        "{0} is never disposed: what it loaded, attached or enabled stays until the garbage collector finalizes it, at an arbitrary time. Declare it with using.");

    public static readonly DiagnosticDescriptor OwnerNotKept = Warning(
        UsageIds.OwnerNotKept,
        "The owner of a link is not kept",
        "Nothing holds {0}, and its programs are detached when the garbage collector finalizes it. Keep it in a variable declared with using, or in a field.");

    public static readonly DiagnosticDescriptor EventBytes = Info(
        UsageIds.EventBytes,
        "A ring buffer is read as bytes although its records have one type",
        "All records of '{0}' have one type ({1}), which its definition in '{2}' does not name: write __type(value, {3}); there to read events in place of bytes");

    public static readonly DiagnosticDescriptor NeverAttached = Warning(
        UsageIds.NeverAttached,
        "A program is loaded and never attached",
        "{0} never attached: {1}");

    public static readonly DiagnosticDescriptor ForbiddenByFlags = Warning(
        UsageIds.ForbiddenByFlags,
        "The map's declaration forbids the operation",
        "'{0}' of map '{1}' will fail: {2}");

    public static readonly DiagnosticDescriptor UsedAfterDispose = Warning(
        UsageIds.UsedAfterDispose,
        "Something is used after it was disposed",
        "'{0}' is used after '{1}' was disposed: this throws ObjectDisposedException");

    public static readonly DiagnosticDescriptor Outlives = Warning(
        UsageIds.Outlives,
        "A returned or captured value depends on an object that is disposed here",
        "{0} '{1}', which this scope disposes {2}");

    public static readonly DiagnosticDescriptor BlocksAsync = Warning(
        UsageIds.BlocksAsync,
        "An asynchronous function blocks its thread",
        "{0} blocks the thread of an asynchronous function: {1}");

    public static readonly DiagnosticDescriptor DetachedAtOnce = Warning(
        UsageIds.DetachedAtOnce,
        "A link is detached as soon as it is created",
        "The link of '{0}' is disposed right after it is created, so the program never runs: remove the using, because the live object keeps its links");

    public static readonly DiagnosticDescriptor SecondReader = Warning(
        UsageIds.SecondReader,
        "A ring has a second reader",
        "'{0}' is being read here already, and a ring has one reader at a time: this throws BpfException");

    public static readonly DiagnosticDescriptor ProcessorCount = Warning(
        UsageIds.ProcessorCount,
        "The processor count is used as the number of possible CPUs",
        "Environment.ProcessorCount is the number of CPUs that this process may use, and per-CPU values have one value for each possible CPU: use PossibleCpus.Current.Numbers");

    public static readonly DiagnosticDescriptor ReadThenRemoved = Info(
        UsageIds.ReadThenRemoved,
        "An entry is read and then removed",
        "What programs write to an entry of '{0}' between the read and this removal is lost: use TakeAll, which reads and removes in one call");

    public static readonly DiagnosticDescriptor Swallowed = Warning(
        UsageIds.Swallowed,
        "The result of a failed operation is ignored",
        "{0} says what the kernel refused, why and what to do, and this handler ignores it: log it, or say in a comment why it does not matter");

    public static readonly DiagnosticDescriptor AttachedTwice = Warning(
        UsageIds.AttachedTwice,
        "A program is attached twice to one target",
        "'{0}' is attached to the same target twice: the second time throws BpfException");

    public static readonly DiagnosticDescriptor ChangedAfterLoad = Warning(
        UsageIds.ChangedAfterLoad,
        "A spec is changed after it was loaded",
        "'{0}' is already loaded, and a change of the spec does not change the loaded object: set this before Load");

    public static readonly DiagnosticDescriptor ViewKept = Warning(
        UsageIds.ViewKept,
        "A view into a batch is kept",
        "The per-CPU values are a view into '{0}' and change when it is read again: keep a copy, with ToArray or Sum");

    public static readonly DiagnosticDescriptor EndlessReader = Info(
        UsageIds.EndlessReader,
        "A read loop has no cancellation token",
        "The loop over '{0}' ends only when its object is disposed, which happens after the loop: pass a CancellationToken to ReadAllAsync");

    public static readonly DiagnosticDescriptor NamespacedProcessId = Info(
        UsageIds.NamespacedProcessId,
        "A process ID of this PID namespace is compared with the kernel's",
        "{0} is the ID of this process in its own PID namespace; in a container, bpf_get_current_pid_tgid returns another ID: use bpf_get_ns_current_pid_tgid in the C");

    public static readonly DiagnosticDescriptor NoRoom = Warning(
        UsageIds.NoRoom,
        "Per-CPU values have no memory",
        "These per-CPU values have no memory, and reading into them throws ArgumentException: create them with {0}.Allocate()");

    public static readonly DiagnosticDescriptor ReadBeforeAttach = Warning(
        UsageIds.ReadBeforeAttach,
        "A ring is read before its programs are attached",
        "'{0}' is read before {1}: no program runs yet, so no event arrives and this loop waits until its token is cancelled, or for ever. Attach before the loop");

    public static readonly DiagnosticDescriptor AsynchronousFunction = Warning(
        UsageIds.AsynchronousFunction,
        "A function that must be synchronous is asynchronous",
        "{0}");

    public static readonly DiagnosticDescriptor MissingMember = new(
        UsageIds.MissingMember, "The skeleton does not have this member here", "{0}", "Hypermesh.BpfSdk", DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(UsageIds.MissingMember));

    public static readonly DiagnosticDescriptor TextAsString = Warning(
        UsageIds.TextAsString,
        "A text of the C is used as a string",
        "{0}");

    public static readonly DiagnosticDescriptor LaterReader = Warning(
        UsageIds.LaterReader,
        "A ring is read after a loop that does not end before",
        "'{0}' is read only after the loop over '{1}', which ends when nothing more is to be read: put each loop into an asynchronous function, and await Task.WhenAll of both");

    public static readonly DiagnosticDescriptor ChangedCopy = Warning(
        UsageIds.ChangedCopy,
        "A copy of an entry is changed and not written back",
        "'{0}' is a copy, so this changes nothing in the kernel. Write it back: {1} = {0};");

    public static readonly DiagnosticDescriptor EmptyProgramArray = Warning(
        UsageIds.EmptyProgramArray,
        "A program array is never filled",
        "Nothing fills program array '{0}', so bpf_tail_call finds no program there, and the program continues after the call. Write {1}.Set(index, {2}.…) after Load, or set .values in the C");

    public static readonly DiagnosticDescriptor SeparateMap = new(
        UsageIds.SeparateMap,
        "A map that another object fills is not shared",
        "Nothing fills map '{0}' of '{1}'. '{2}' fills a map of the same name, but each object has its own. Load '{1}' with ReplacedMaps = new Dictionary<string, BpfMapHandle> {{ [\"{0}\"] = {4}.Maps.{3}.MapHandle }} of BpfLoadOptions, or declare the map with __uint(pinning, LIBBPF_PIN_BY_NAME) in both C files.",
        "Hypermesh.BpfSdk", DiagnosticSeverity.Warning, isEnabledByDefault: true, description: null, HelpPages.Of(UsageIds.SeparateMap), WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor LostUpdate = Warning(
        UsageIds.LostUpdate,
        "What programs change is changed by reading and writing",
        "The programs change {0} too: what they change between this reading and this writing is lost. Let C# count in a variable of its own, and add the two where they are shown");

    public static readonly DiagnosticDescriptor[] All =
    [
        NotDisposed, OwnerNotKept, EventBytes, NeverAttached, ForbiddenByFlags, UsedAfterDispose, Outlives, BlocksAsync, DetachedAtOnce,
        SecondReader, ProcessorCount, ReadThenRemoved, Swallowed, AttachedTwice, ChangedAfterLoad, ViewKept, EndlessReader,
        NamespacedProcessId, NoRoom, ReadBeforeAttach, MissingMember, AsynchronousFunction, TextAsString, LaterReader, ChangedCopy,
        EmptyProgramArray, SeparateMap, LostUpdate,
    ];

    private static DiagnosticDescriptor Warning(string id, string title, string message)
        => new(id, title, message, "Hypermesh.BpfSdk", DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(id));

    private static DiagnosticDescriptor Info(string id, string title, string message)
        => new(id, title, message, "Hypermesh.BpfSdk", DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(id));
}
