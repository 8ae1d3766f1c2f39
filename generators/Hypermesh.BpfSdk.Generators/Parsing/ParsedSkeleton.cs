using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>A skeleton's model with the types it was made from: for the check of the layout, not for the pipeline.</summary>
/// <param name="Skeleton">The model.</param>
/// <param name="Types">The object's types.</param>
/// <param name="Named">Which of them have a C# name.</param>
/// <param name="Lines">Where in the C they are.</param>
internal sealed record ParsedSkeleton(SkeletonModel Skeleton, BtfTypes Types, IReadOnlyList<NamedType> Named, SourceLines Lines);
