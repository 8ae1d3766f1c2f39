using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Helpers;
using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>What one carrier yields.</summary>
/// <param name="Skeleton">The model; null when there is nothing to emit, which the diagnostics explain.</param>
/// <param name="Diagnostics">What is to be told.</param>
internal sealed record SkeletonResult(SkeletonModel? Skeleton, EquatableArray<DiagnosticInfo> Diagnostics);
