using Microsoft.CodeAnalysis;

namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>The table of the analyzers' diagnostics. A warning is always a mistake; what may be intended is a suggestion.</summary>
internal static class UsageDescriptors
{
    public static readonly DiagnosticDescriptor NotDisposed = Warning(
        UsageIds.NotDisposed,
        "A live object is not disposed",
        "{0} is never disposed: its programs run on in the kernel until the garbage collector finds it, and end in the middle of their work when it does");

    public static readonly DiagnosticDescriptor OwnerNotKept = Warning(
        UsageIds.OwnerNotKept,
        "What a link belongs to is not kept",
        "Nothing keeps {0}, and what is attached through it ends with it, at whatever time the garbage collector comes by");

    public static readonly DiagnosticDescriptor EventBytes = Info(
        UsageIds.EventBytes,
        "A ring buffer gives bytes where it could give events",
        "The records of '{0}' are of one type ({1}), which '{2}' does not name for it: write __type(value, {3}); in its definition and this reads events in place of bytes");

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
        "What is handed out ends with the object disposed here",
        "{0} '{1}', which this scope disposes {2}");

    public static readonly DiagnosticDescriptor BlocksAsync = Warning(
        UsageIds.BlocksAsync,
        "An asynchronous function waits for the kernel with its thread",
        "{0} holds this thread while it waits, in an asynchronous function: {1}");

    public static readonly DiagnosticDescriptor DetachedAtOnce = Warning(
        UsageIds.DetachedAtOnce,
        "A link is detached as soon as it is made",
        "The link of '{0}' is disposed right after it was made, so the program never runs: the live object keeps its links, drop the using");

    public static readonly DiagnosticDescriptor SecondReader = Warning(
        UsageIds.SecondReader,
        "A ring has a second reader",
        "'{0}' is being read here already, and a ring has one reader at a time: this throws BpfException");

    public static readonly DiagnosticDescriptor ProcessorCount = Warning(
        UsageIds.ProcessorCount,
        "The processor count stands for the kernel's CPUs",
        "Environment.ProcessorCount is what this process may use; per-CPU values have one for each possible CPU, whose numbers are PossibleCpus.Current.Numbers");

    public static readonly DiagnosticDescriptor ReadThenRemoved = Info(
        UsageIds.ReadThenRemoved,
        "An entry is read and then removed",
        "What programs write to an entry of '{0}' between the reading and this removal is lost: TakeAll reads and removes at once");

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
        "'{0}' was loaded before, and what is loaded no longer changes with its spec: set this before Load");

    public static readonly DiagnosticDescriptor ViewKept = Warning(
        UsageIds.ViewKept,
        "A view into a batch is kept",
        "The per-CPU values are a view into '{0}' and change when it is read again: keep a copy, with ToArray or Sum");

    public static readonly DiagnosticDescriptor EndlessReader = Info(
        UsageIds.EndlessReader,
        "Nothing ends a reader",
        "Reading '{0}' ends only when its object is disposed, which this loop holds up: give ReadAllAsync a CancellationToken");

    public static readonly DiagnosticDescriptor NamespacedProcessId = Info(
        UsageIds.NamespacedProcessId,
        "A process id of this namespace is compared with the kernel's",
        "{0} is this process's number in its own PID namespace; in a container it is another one than bpf_get_current_pid_tgid gives");

    public static readonly DiagnosticDescriptor NoRoom = Warning(
        UsageIds.NoRoom,
        "Per-CPU values without room",
        "These per-CPU values have no room, and reading into them throws ArgumentException: make them with {0}.Allocate()");

    public static readonly DiagnosticDescriptor ReadBeforeAttach = Warning(
        UsageIds.ReadBeforeAttach,
        "A ring is read before its programs are attached",
        "'{0}' is read before {1}: no program runs yet, so no event arrives and this loop waits for ever or until its token ends it. Attach before the loop");

    public static readonly DiagnosticDescriptor AsynchronousFunction = Warning(
        UsageIds.AsynchronousFunction,
        "A function that is called at once is asynchronous",
        "{0}");

    public static readonly DiagnosticDescriptor MissingMember = new(
        UsageIds.MissingMember, "The skeleton does not have this member here", "{0}", "Hypermesh.BpfSdk", DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(UsageIds.MissingMember));

    public static readonly DiagnosticDescriptor[] All =
    [
        NotDisposed, OwnerNotKept, EventBytes, NeverAttached, ForbiddenByFlags, UsedAfterDispose, Outlives, BlocksAsync, DetachedAtOnce,
        SecondReader, ProcessorCount, ReadThenRemoved, Swallowed, AttachedTwice, ChangedAfterLoad, ViewKept, EndlessReader,
        NamespacedProcessId, NoRoom, ReadBeforeAttach, MissingMember, AsynchronousFunction,
    ];

    private static DiagnosticDescriptor Warning(string id, string title, string message)
        => new(id, title, message, "Hypermesh.BpfSdk", DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(id));

    private static DiagnosticDescriptor Info(string id, string title, string message)
        => new(id, title, message, "Hypermesh.BpfSdk", DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: HelpPages.Of(id));
}
