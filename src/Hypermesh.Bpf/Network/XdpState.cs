namespace Hypermesh.Bpf;

/// <summary>The XDP programs of a device.</summary>
/// <param name="Attached">None, one, or one for each mode.</param>
public sealed record XdpState(IReadOnlyList<XdpProgramEntry> Attached)
{
    /// <summary>The program that runs where there is one only; 0 without any.</summary>
    public uint ProgramId => Attached.Count == 0 ? 0 : Attached[0].ProgramId;
}
