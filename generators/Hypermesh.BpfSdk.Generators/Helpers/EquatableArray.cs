namespace Hypermesh.BpfSdk.Generators.Helpers;

/// <summary>Makes <see cref="EquatableArray{T}"/> without naming its type argument.</summary>
internal static class EquatableArray
{
    public static EquatableArray<T> ToEquatableArray<T>(this IEnumerable<T> items)
        where T : IEquatable<T> => new(items);
}
