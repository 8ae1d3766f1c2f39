namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>The kinds of types that came one after the other; a kernel takes those it knows.</summary>
[Flags]
internal enum BtfAbilities
{
    None = 0,
    Functions = 1,
    GlobalFunctions = 2,
    DataSections = 4,
    QuestionMarkSections = 8,
    Floats = 16,
    DeclarationTags = 32,
    TypeTags = 64,
    Enum64 = 128,
    All = 255,
}
