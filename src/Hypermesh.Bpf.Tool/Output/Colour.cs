namespace Hypermesh.Bpf.Tool.Output;

/// <summary>The few colours used, as ANSI numbers.</summary>
internal enum Colour
{
    None = 0,
    Bold = 1,
    Dim = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
}
