namespace Hypermesh.Bpf.Tool.Requirements;

/// <summary>Which release brought which helpers. They are numbered as they came, so the last number of each release says it all.</summary>
internal static class HelperFacts
{
    // From the commits that added them, as ebpf-docs lists them (data/feature-versions.yaml); 5.10, 6.1 and 6.12 agree with those kernels' own enum bpf_func_id.
    private static readonly (string Version, int Last)[] s_releases =
    [
        ("3.19", 3), ("4.1", 11), ("4.2", 16), ("4.3", 22), ("4.4", 25), ("4.5", 26), ("4.6", 30), ("4.8", 36), ("4.9", 41), ("4.10", 44),
        ("4.11", 45), ("4.12", 47), ("4.13", 50), ("4.14", 53), ("4.15", 57), ("4.16", 59), ("4.17", 64), ("4.18", 80), ("4.19", 83), ("4.20", 90),
        ("5.0", 92), ("5.1", 98), ("5.2", 108), ("5.3", 109), ("5.4", 110), ("5.5", 115), ("5.6", 118), ("5.7", 124), ("5.8", 135), ("5.9", 141),
        ("5.10", 155), ("5.11", 162), ("5.12", 163), ("5.13", 165), ("5.14", 168), ("5.15", 175), ("5.16", 179), ("5.17", 185), ("5.18", 193),
        ("5.19", 203), ("6.0", 207), ("6.1", 209), ("6.2", 211),
    ];

    /// <summary>The release, null for a number no release here has.</summary>
    internal static KernelVersion? VersionOf(int helper)
        => helper > 0 && Array.Find(s_releases, release => helper <= release.Last) is { Version: { } version } ? KernelVersion.Parse(version) : null;
}
