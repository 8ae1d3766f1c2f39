namespace Hypermesh.BpfSdk.Tasks.Layouts;

/// <summary>Something the assembly and the object do not agree on.</summary>
/// <param name="CType">The struct in C's words.</param>
/// <param name="Problem">What differs.</param>
internal sealed record LayoutProblem(string CType, string Problem);
