namespace Hypermesh.Bpf.Tests.Tool.Listing;

/// <summary>An object disassembled.</summary>
public sealed class DisassembleTests
{
    [Fact]
    public void Disasm_has_functions_lines_and_the_names_of_maps()
    {
        string text = Hmbpf.Run("disasm", ShownObject.File).Output;
        Assert.Contains("shown_program:", text, StringComparison.Ordinal);
        Assert.Contains("; shown_count++; @ shown.bpf.c:", text, StringComparison.Ordinal);
        Assert.Contains("r1 = shown_values", text, StringComparison.Ordinal);
        Assert.Contains("call bpf_map_lookup_elem#1", text, StringComparison.Ordinal);
    }
}
