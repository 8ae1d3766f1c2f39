namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>How an array's elements are shown.</summary>
internal enum ArrayKind
{
    /// <summary>As they are.</summary>
    Plain,

    /// <summary>As <c>bool</c> over hidden bytes.</summary>
    Boolean,

    /// <summary>As they lie in memory, and by methods that swap them.</summary>
    BigEndian,
}
