using Microsoft.CodeAnalysis;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Members that people expect, by the names of dictionaries and of other libraries, and what to use in their place.</summary>
internal static class ExpectedMembers
{
    private const string Uncounted = "the kernel does not keep a count: {0}.Count() counts while it reads all entries (using System.Linq)";

    private static readonly string[] s_set = ["Add", "AddOrUpdate", "Insert", "Put", "Set", "SetValue", "Store", "UpdateElem"];
    private static readonly string[] s_get = ["Find", "Get", "GetValue", "Lookup", "LookupElem", "TryGet"];
    private static readonly string[] s_remove = ["Delete", "DeleteElem", "Erase", "TryRemove"];
    private static readonly string[] s_count = ["Count", "Length", "Size"];
    private static readonly string[] s_read = ["ForEach", "GetEnumerator", "OnEvent", "Poll", "Read", "ReadAll", "ReadAsync", "Receive", "Start", "Subscribe"];

    // In each remedy, {0} is the expression, and {1} the type of a ring's records. The first row that fits is taken.
    private static readonly (Func<KnownTypes, INamedTypeSymbol?> Type, string[] Names, string Remedy)[] s_rows =
    [
        (static types => types.KeyedMap, s_set, "{0}[key] = value sets an entry, and {0}.TryAdd(key, value) only a new one"),
        (static types => types.KeyedMap, s_get, "{0}.TryGetValue(key, out var value) says whether there is an entry, and {0}[key] throws where there is none"),
        (static types => types.KeyedMap, s_remove, "{0}.Remove(key) removes an entry, and TryTake of a hash map returns its value too"),
        (static types => types.KeyedMap, s_count, Uncounted),
        (static types => types.KeyedMap, ["Clear"], "{0}.TakeAll(batch) of a hash map reads and removes all entries"),
        (static types => types.PerCpuKeyedMap, s_set, "{0}.SetAllCpus(key, value) sets an entry for all CPUs, and {0}.SetOneCpu(key, cpu, value) for one"),
        (static types => types.PerCpuKeyedMap, s_get, "{0}.TryGetValue(key, out var values) says whether there is an entry, and {0}[key] throws where there is none"),
        (static types => types.PerCpuKeyedMap, s_remove, "{0}.Remove(key) removes an entry, and {0}.TryTake(key, values) returns its values too"),
        (static types => types.PerCpuKeyedMap, s_count, Uncounted),
        (static types => types.ArrayMap, [.. s_set, "Update"], "{0}[index] = value sets an element; an array has all of its elements from the start"),
        (static types => types.ArrayMap, [.. s_get, "TryGetValue"], "{0}[index] is an element; an array has all of its elements from the start"),
        (static types => types.ArrayMap, [.. s_remove, "Remove", "Clear"], "an array has all of its elements always: {0}[index] = default sets one to zero"),
        (static types => types.ArrayMap, ["Length", "Size"], "{0}.Count is the number of elements"),
        (static types => types.PerCpuArrayMap, [.. s_set, "Update"], "{0}.SetAllCpus(index, value) sets an element for all CPUs, and {0}.SetOneCpu(index, cpu, value) for one"),
        (static types => types.PerCpuArrayMap, [.. s_get, "TryGetValue"], "{0}[index] has the values of all CPUs, and {0}.TryGetOneCpu(index, cpu, out var value) gives one"),
        (static types => types.PerCpuArrayMap, ["Length", "Size"], "{0}.Count is the number of elements"),
        (static types => types.RingBufferOfEvents, s_read, "{0}.Consume((ref readonly {1} record) => …) reads what is there, and await foreach (var record in {0}.ReadAllAsync(stop)) waits for more"),
        (static types => types.RingBuffer, s_read, "{0}.Consume(record => …) reads what is there, and await foreach (byte[] record in {0}.ReadAllAsync(stop)) waits for more"),
        (static types => types.Program, ["Close", "Detach", "Disable", "Dispose", "Stop", "Unload"], "Attach returns a link, which Dispose and Detach of the link detach; the object that was loaded disposes all of them"),
        (static types => types.Program, ["Execute", "Invoke", "Run"], "a program runs where it is attached, or with {0}.TestRun on a packet or a context"),
        (static types => types.Link, ["Close", "Destroy", "Disable", "Stop", "Unlink"], "{0}.Dispose() detaches it"),
        (static types => types.Skeleton, ["Close", "Destroy", "Unload"], "{0}.Dispose() detaches its programs and removes it from the kernel"),
        (static types => types.Skeleton, ["Detach", "DetachAll", "Stop"], "{0}.Dispose() detaches its programs and removes it from the kernel; the links that Attach of a program returns detach one each"),
    ];

    /// <summary>Returns what to use; null where the name is none of these.</summary>
    /// <param name="receiver">The type of the expression on which the member is called.</param>
    /// <param name="text">The expression.</param>
    /// <param name="name">The member.</param>
    /// <param name="types">The library's types.</param>
    public static string? Explain(ITypeSymbol? receiver, string text, string name, KnownTypes types)
    {
        foreach ((Func<KnownTypes, INamedTypeSymbol?> type, string[] names, string remedy) in s_rows)
        {
            if (Array.IndexOf(names, name) >= 0 && KnownTypes.Is(receiver, type(types)))
            {
                return $"{receiver!.Name} has no '{name}': {string.Format(System.Globalization.CultureInfo.InvariantCulture, remedy, text, RecordOf(receiver))}";
            }
        }

        return null;
    }

    private static string RecordOf(ITypeSymbol receiver) => receiver is INamedTypeSymbol { TypeArguments.Length: 1 } ring ? ring.TypeArguments[0].ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat) : "";
}
