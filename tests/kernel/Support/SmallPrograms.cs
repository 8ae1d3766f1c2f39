using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Programs small enough to be looked at.</summary>
internal static class SmallPrograms
{
    internal static BpfInstruction[] Returning(int value) => [Code.Move(0, value), Code.Exit()];

    /// <summary>Looks nothing up, yet uses the map.</summary>
    internal static BpfInstruction[] Counting(BpfMapHandle map) =>
    [
        Code.StoreWord(10, -4, 0),
        .. Code.LoadMap(1, map),
        Code.Copy(2, 10),
        Code.Add(2, -4),
        Code.Call(Code.MapLookup),
        Code.Move(0, 0),
        Code.Exit(),
    ];
}
