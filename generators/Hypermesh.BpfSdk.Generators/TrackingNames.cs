namespace Hypermesh.BpfSdk.Generators;

/// <summary>Names of the pipeline's steps, with which tests check what was computed and what was cached.</summary>
internal static class TrackingNames
{
    /// <summary>The additional files that are carriers.</summary>
    public const string CarrierFiles = nameof(CarrierFiles);

    /// <summary>A carrier's text, read and parsed into a model with diagnostics. No compilation is involved.</summary>
    public const string Models = nameof(Models);

    /// <summary>The model without its diagnostics.</summary>
    public const string Skeletons = nameof(Skeletons);

    /// <summary>Classes that more than one source claims.</summary>
    public const string Duplicates = nameof(Duplicates);

    /// <summary>The skeletons that are emitted, one for each class.</summary>
    public const string Outputs = nameof(Outputs);
}
