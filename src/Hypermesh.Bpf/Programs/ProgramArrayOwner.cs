using System.Globalization;
using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf.Programs;

/// <summary>Explains which programs a program array accepts: the first program that uses the array, or is stored in it, determines that.</summary>
internal static class ProgramArrayOwner
{
    /// <summary>Why the kernel does not accept the program; null if it does not report the type of the array.</summary>
    internal static string? Explain(BpfMapHandle array, BpfProgram program)
    {
        if (TypeOf(array) is not { } owner)
        {
            return null;
        }

        string section = program.SectionName.Length > 0 ? $"{program.Type} (SEC(\"{program.SectionName}\"))" : $"{program.Type}";
        return owner != program.Type
            ? $"Program {program.Name} is of type {section}, but the array is for programs of type {owner}, which the first program that used it has determined. Use one array for each type of program, or declare {program.Name} with the section of the others."
            : $"Program {program.Name} has the type of the array's programs, {section}, but differs in something else: XDP programs must be all frags (SEC(\"xdp.frags\")) or all not; programs of other types must have the same attach type, and must be all JIT-compiled or all not.";
    }

    private static BpfProgramType? TypeOf(BpfMapHandle array)
        => uint.TryParse(DescriptorFacts.Find(array.Created, "owner_prog_type"), NumberStyles.None, CultureInfo.InvariantCulture, out uint type) && type != 0 ? (BpfProgramType)type : null;
}
