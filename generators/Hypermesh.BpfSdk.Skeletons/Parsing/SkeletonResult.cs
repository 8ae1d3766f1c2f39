using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>The result of parsing one carrier.</summary>
/// <param name="Skeleton">The model; null when there is nothing to emit, which the diagnostics explain.</param>
/// <param name="Diagnostics">The diagnostics to report.</param>
internal sealed record SkeletonResult(SkeletonModel? Skeleton, EquatableArray<DiagnosticInfo> Diagnostics)
{
    /// <summary>The empty class to generate when there is no skeleton but its name is known, so that the compiler does not also report a missing class.</summary>
    public SkeletonStub? Stub { get; init; }

    /// <summary>The class that is generated, for the search for duplicates; null where its name is not known.</summary>
    public ClassClaim? Claim => Skeleton is not null ? new ClassClaim(Skeleton.FullName, Skeleton.Source) : Stub is not null ? new ClassClaim(Stub.FullName, Stub.Source) : null;
}

/// <summary>A class without members, generated where the object could not be read or the project's C# is too old for skeletons.</summary>
/// <param name="Source">The C file.</param>
/// <param name="Namespace">The namespace as C# writes it; empty for the global one.</param>
/// <param name="ClassName">The class.</param>
/// <param name="Accessibility"><c>public</c> or <c>internal</c>.</param>
internal sealed record SkeletonStub(string Source, string Namespace, string ClassName, string Accessibility)
{
    /// <summary>The class of a skeleton, without its members.</summary>
    public static SkeletonStub Of(SkeletonModel skeleton) => new(skeleton.Source, skeleton.Namespace, skeleton.ClassName, skeleton.Accessibility);

    /// <summary>The class with its namespace.</summary>
    public string FullName => Namespace.Length == 0 ? ClassName : $"{Namespace}.{ClassName}";
}
