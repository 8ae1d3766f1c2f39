namespace Hypermesh.Bpf;

/// <summary>A value of a per-CPU map that says how the values of two CPUs become one. The generator implements it for structs whose every field adds up or says how it combines.</summary>
/// <typeparam name="TSelf">The value's type.</typeparam>
public interface IPerCpuSum<TSelf>
    where TSelf : unmanaged, IPerCpuSum<TSelf>
{
    /// <summary>Adds one CPU's value to a total.</summary>
    /// <param name="total">The total so far; it begins as the first CPU's value.</param>
    /// <param name="value">The next CPU's value.</param>
    static abstract void Add(ref TSelf total, in TSelf value);
}
