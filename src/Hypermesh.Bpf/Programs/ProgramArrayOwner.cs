using System.Globalization;
using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf.Programs;

/// <summary>Which programs an array of programs is for: the kernel fixes that with the first program that uses the array, or is put into it.</summary>
internal static class ProgramArrayOwner
{
    /// <summary>Why the kernel does not accept the program there; null where it does not say what the array belongs to.</summary>
    internal static string? Explain(BpfMapHandle array, BpfProgram program)
    {
        if (TypeOf(array) is not { } owner)
        {
            return null;
        }

        string section = program.SectionName.Length > 0 ? $"{program.Type} (SEC(\"{program.SectionName}\"))" : $"{program.Type}";
        return owner != program.Type
            ? $"Program {program.Name} is of type {section}, and the array belongs to programs of type {owner}: the first program that uses an array decides. Use one array for each type of program, or declare {program.Name} with the section of the others."
            : $"Program {program.Name} has the type of the array's programs, {section}, and differs in something else: for XDP, all are frags (SEC(\"xdp.frags\")) or none; with other types, all have the same attach type, and all are compiled to machine code or none.";
    }

    private static BpfProgramType? TypeOf(BpfMapHandle array)
        => uint.TryParse(DescriptorFacts.Find(array.Created, "owner_prog_type"), NumberStyles.None, CultureInfo.InvariantCulture, out uint type) && type != 0 ? (BpfProgramType)type : null;
}
