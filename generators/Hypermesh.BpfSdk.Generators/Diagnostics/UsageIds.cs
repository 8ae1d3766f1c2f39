namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>The IDs of the analyzers' diagnostics about C#: 3000 to 3099. The code fixes link this file.</summary>
internal static class UsageIds
{
    public const string NotDisposed = "HMBPF3001";
    public const string OwnerNotKept = "HMBPF3002";
    public const string EventBytes = "HMBPF3003";
    public const string NeverAttached = "HMBPF3004";
    public const string ForbiddenByFlags = "HMBPF3005";
    public const string UsedAfterDispose = "HMBPF3006";
    public const string Outlives = "HMBPF3007";
    public const string BlocksAsync = "HMBPF3008";
    public const string DetachedAtOnce = "HMBPF3009";
    public const string SecondReader = "HMBPF3010";
    public const string ProcessorCount = "HMBPF3011";
    public const string ReadThenRemoved = "HMBPF3012";
    public const string Swallowed = "HMBPF3013";
    public const string AttachedTwice = "HMBPF3014";
    public const string ChangedAfterLoad = "HMBPF3015";
    public const string ViewKept = "HMBPF3016";
    public const string EndlessReader = "HMBPF3017";
    public const string NamespacedProcessId = "HMBPF3018";
    public const string NoRoom = "HMBPF3019";
    public const string ReadBeforeAttach = "HMBPF3020";
    public const string MissingMember = "HMBPF3021";
    public const string AsynchronousFunction = "HMBPF3022";
    public const string TextAsString = "HMBPF3023";
    public const string LaterReader = "HMBPF3024";
    public const string ChangedCopy = "HMBPF3025";
    public const string EmptyProgramArray = "HMBPF3026";
    public const string SeparateMap = "HMBPF3027";
    public const string LostUpdate = "HMBPF3028";
}
