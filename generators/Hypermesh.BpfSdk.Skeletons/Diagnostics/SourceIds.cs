namespace Hypermesh.BpfSdk.Skeletons.Diagnostics;

/// <summary>The IDs of the diagnostics about C that clang accepts: 2500 to 2599.</summary>
internal static class SourceIds
{
    public const string NoLicense = "HMBPF2501";
    public const string GplOnlyHelper = "HMBPF2502";
    public const string UnknownEvent = "HMBPF2503";
    public const string PaddedKey = "HMBPF2504";
    public const string NewerThanOldest = "HMBPF2505";
    public const string IncompleteMap = "HMBPF2506";
    public const string MapOutsideMaps = "HMBPF2507";
    public const string UnknownSection = "HMBPF2508";
    public const string NoTarget = "HMBPF2509";
    public const string UnknownKernelFunction = "HMBPF2510";
    public const string FixedKernelField = "HMBPF2511";
    public const string NoSection = "HMBPF2512";
    public const string FoldedConstant = "HMBPF2513";
    public const string PointerInData = "HMBPF2514";
    public const string PointerInEvent = "HMBPF2515";
    public const string NetworkOrder = "HMBPF2516";
    public const string UndefinedExtern = "HMBPF2517";
    public const string ProcessMemory = "HMBPF2518";
    public const string MetricTag = "HMBPF2519";
    public const string UntypedMap = "HMBPF2520";
    public const string WholeId = "HMBPF2521";
    public const string OtherRecord = "HMBPF2522";
    public const string UncountedRecord = "HMBPF2523";
    public const string FirstCpuOnly = "HMBPF2524";
    public const string AddressInMap = "HMBPF2525";
    public const string OtherContext = "HMBPF2526";
    public const string OtherVerdict = "HMBPF2527";
    public const string LostParameters = "HMBPF2528";
    public const string OtherMapType = "HMBPF2529";
    public const string ScaledPointer = "HMBPF2530";
    public const string OtherArguments = "HMBPF2531";
    public const string UnsetMember = "HMBPF2532";
    public const string NarrowId = "HMBPF2533";
    public const string DataLocation = "HMBPF2534";
    public const string TextOrder = "HMBPF2535";
    public const string RecordStart = "HMBPF2536";
    public const string FirstCount = "HMBPF2537";
    public const string NetworkSum = "HMBPF2538";
    public const string NetworkCopy = "HMBPF2539";
    public const string PointerSize = "HMBPF2540";
    public const string NarrowTime = "HMBPF2541";
    public const string PrintFormat = "HMBPF2542";
}
