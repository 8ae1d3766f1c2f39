namespace Hypermesh.BpfSdk.Generators.Naming;

/// <summary>Names a generated class has already, by the place where a C name could meet them. A test compares the base classes' part with the library.</summary>
internal static class ReservedNames
{
    /// <summary>Every class and struct has these from <see cref="object"/>.</summary>
    public static readonly string[] OfObject =
    [
        "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString",
    ];

    /// <summary>The skeleton's own groups and methods, and what it inherits.</summary>
    public static readonly string[] OfSkeleton =
    [
        "Attach", "Dispose", "DisposeAsync", "GlobalSet", "Globals", "LinkOf", "LinkSet", "Links", "Live", "MapSet", "Maps", "Open", "Preflight", "ProgramSet",
        "Programs", "Refused", "Spec", "StructOps", "StructOpsSet",
    ];

    /// <summary>A struct that adds up has a method for it.</summary>
    public const string Sum = "Add";

    /// <summary>A record of several kinds has these.</summary>
    public static readonly string[] OfEventUnion = ["SizeOf", "TryGet"];

    /// <summary>What says which kind a record is, where the C calls it otherwise.</summary>
    public const string Kind = "Kind";

    /// <summary>The spec of an operations table has these.</summary>
    public static readonly string[] OfTable = ["Enabled", "Table"];
}
