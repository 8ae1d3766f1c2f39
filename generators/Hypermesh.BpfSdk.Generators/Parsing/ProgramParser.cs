using Hypermesh.Bpf.Objects;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Model;
using Hypermesh.BpfSdk.Generators.Naming;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>Makes the models of an object's programs.</summary>
internal sealed class ProgramParser(SourceLines lines, Findings findings)
{
    public List<ProgramModel> Parse(BpfObjectSpec spec)
    {
        IEnumerable<string> reserved = ReservedNames.OfObject.Concat(["ProgramSet", "LinkSet"]);
        var scope = new NameScope("the programs", "Program", reserved, findings);
        var models = new List<ProgramModel>();
        foreach (ProgramSpec program in spec.Programs)
        {
            int line = lines.Of(program);
            if (scope.TryClaim("program", program.Name, out string name, line))
            {
                models.Add(new ProgramModel(program.Name, name, ProgramClasses.Find(program.Section.Attach), program.SectionName, line));
            }
        }

        return models;
    }
}
