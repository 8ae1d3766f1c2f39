using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Helpers;
using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>What one carrier yields.</summary>
/// <param name="Skeleton">The model; null when there is nothing to emit, which the diagnostics explain.</param>
/// <param name="Diagnostics">What is to be told.</param>
internal sealed record SkeletonResult(SkeletonModel? Skeleton, EquatableArray<DiagnosticInfo> Diagnostics)
{
    /// <summary>The class without what it would have, where there is no skeleton and its name is known: the one error is not followed by a row of the compiler's.</summary>
    public SkeletonStub? Stub { get; init; }

    /// <summary>The claim to the class; null where its name is not known.</summary>
    public ClassClaim? Claim => Skeleton is not null ? new ClassClaim(Skeleton.FullName, Skeleton.Source) : Stub is not null ? new ClassClaim(Stub.FullName, Stub.Source) : null;
}

/// <summary>A class without members, where its object could not be read or the project's C# is too old for them.</summary>
/// <param name="Source">The C file.</param>
/// <param name="Namespace">The namespace as C# writes it; empty for the global one.</param>
/// <param name="ClassName">The class.</param>
/// <param name="Accessibility"><c>public</c> or <c>internal</c>.</param>
internal sealed record SkeletonStub(string Source, string Namespace, string ClassName, string Accessibility)
{
    /// <summary>The class of a skeleton, without what is in it.</summary>
    public static SkeletonStub Of(SkeletonModel skeleton) => new(skeleton.Source, skeleton.Namespace, skeleton.ClassName, skeleton.Accessibility);

    /// <summary>The class with its namespace.</summary>
    public string FullName => Namespace.Length == 0 ? ClassName : $"{Namespace}.{ClassName}";
}
