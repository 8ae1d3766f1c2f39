using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>What a comparison of types is made for: it bounds the work that types which contain themselves could cause, and words the errors.</summary>
internal interface ITypeComparison
{
    /// <summary>Counts one comparison of two types or members; too many are an error.</summary>
    void Work(BtfTypes target);

    /// <summary>The types are sound, but cannot be compared.</summary>
    BpfException Unfit(string problem);
}
