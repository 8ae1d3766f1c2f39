using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.BpfSdk.Skeletons.Naming;

/// <summary>
/// Types in the namespaces that <c>ImplicitUsings</c> imports, with names that a C file is likely to have. A skeleton of that name hides the type, or makes its name
/// ambiguous. A test compares the table with the library.
/// </summary>
internal static class ImplicitTypes
{
    private static readonly Dictionary<string, string> s_namespaces = NameTable.Of(
        (
            "Action Activator AppContext AppDomain Array Attribute Base64FormattingOptions BitConverter Boolean Buffer Byte Char Comparison Console Convert DateOnly DateTime Decimal Delegate Double "
            + "Enum Environment EventArgs EventHandler Exception Func GC Guid Half Index Int128 Int16 Int32 Int64 Lazy Math Memory Nullable Object OperatingSystem Progress Random Range Single Span "
            + "String StringComparer TimeOnly TimeProvider TimeSpan TimeZone Tuple Type Uri ValueType Version Void",
            "System"),
        ("Comparer Dictionary HashSet KeyValuePair LinkedList List PriorityQueue Queue SortedDictionary SortedList SortedSet Stack", "System.Collections.Generic"),
        ("BinaryReader BinaryWriter Directory DriveInfo File FileAccess FileInfo FileMode FileStream Path Stream TextReader TextWriter", "System.IO"),
        ("Enumerable Lookup", "System.Linq"),
        ("HttpClient HttpContent HttpMethod HttpVersionPolicy", "System.Net.Http"),
        ("Barrier Interlocked Lock Monitor Mutex Overlapped Semaphore Thread ThreadPool Timeout Timer Volatile", "System.Threading"),
        ("Parallel Task TaskScheduler", "System.Threading.Tasks"),
        ("ControlGroup NetworkDevice PossibleCpus PerCpu", "Hypermesh.Bpf"));

    /// <summary>Returns the namespace of the type with that name; null when there is none.</summary>
    public static string? NamespaceOf(string name) => s_namespaces.TryGetValue(name, out string? found) ? found : null;

    /// <summary>The names, each with its namespace.</summary>
    public static IEnumerable<KeyValuePair<string, string>> All => s_namespaces;
}
