namespace Hypermesh.BpfSdk.Skeletons.Diagnostics;

/// <summary>The IDs of the generator's diagnostics: 2000 to 2099.</summary>
internal static class DiagnosticIds
{
    public const string UnreadableCarrier = "HMBPF2001";
    public const string BadCarrier = "HMBPF2002";
    public const string BadObject = "HMBPF2003";
    public const string NoBtf = "HMBPF2004";
    public const string NoPrograms = "HMBPF2005";
    public const string BadClassName = "HMBPF2006";
    public const string DuplicateClass = "HMBPF2007";
    public const string NameClash = "HMBPF2008";
    public const string UnsupportedType = "HMBPF2009";
    public const string BigEndianObject = "HMBPF2010";
    public const string UncountedRing = "HMBPF2011";
    public const string MissingEventType = "HMBPF2012";
    public const string BadEvents = "HMBPF2013";
    public const string BadMap = "HMBPF2014";
    public const string MeetsType = "HMBPF2015";
    public const string OldLanguage = "HMBPF2020";
    public const string InternalError = "HMBPF2099";
}
