using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Model;
using Hypermesh.BpfSdk.Generators.Naming;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>Makes the models of an object's programs.</summary>
internal sealed class ProgramParser(string source, ICollection<DiagnosticInfo> diagnostics)
{
    private const int InstructionSize = 8;

    public List<ProgramModel> Parse(BpfObjectSpec spec)
    {
        IEnumerable<string> reserved = ReservedNames.OfObject.Concat(["ProgramSet", "LinkSet"]);
        var scope = new NameScope("the programs", "Program", reserved, source, diagnostics);
        var models = new List<ProgramModel>();
        foreach (ProgramSpec program in spec.Programs)
        {
            int line = LineOf(spec, program);
            if (scope.TryClaim("program", program.Name, Math.Max(line, 1), out string name))
            {
                models.Add(new ProgramModel(program.Name, name, ProgramClasses.Find(program.Section.Attach), program.SectionName, line));
            }
        }

        return models;
    }

    // The line of a function is that of its first instruction: clang gives it the line of the opening.
    private static int LineOf(BpfObjectSpec spec, ProgramSpec program)
    {
        if (spec.BtfExtension is null)
        {
            return 0;
        }

        foreach (BtfLineInfo info in spec.BtfExtension.LinesOf(program.Code.Name))
        {
            if (info.InstructionOffset == program.Symbol.Value)
            {
                return info.Line;
            }
        }

        return 0;
    }
}
