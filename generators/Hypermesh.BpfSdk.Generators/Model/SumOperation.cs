namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>How numbers of several CPUs become one; <c>btf_decl_tag("sum|max|min")</c> says it in C, and an integer without a tag is added.</summary>
internal enum SumOperation
{
    /// <summary>They are added.</summary>
    Sum,

    /// <summary>The greatest counts.</summary>
    Maximum,

    /// <summary>The least counts.</summary>
    Minimum,
}
