namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>The numbers of what the generator finds questionable in the C, though clang takes it: 2500 to 2599.</summary>
internal static class SourceIds
{
    public const string NoLicense = "HMBPF2501";
    public const string GplOnlyHelper = "HMBPF2502";
    public const string UnknownEvent = "HMBPF2503";
    public const string PaddedKey = "HMBPF2504";
    public const string NewerThanOldest = "HMBPF2505";
}
