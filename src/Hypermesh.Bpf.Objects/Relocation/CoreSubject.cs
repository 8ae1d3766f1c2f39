using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>The relocation at hand: it words the errors, and bounds the work that types which contain themselves could cause.</summary>
internal sealed class CoreSubject(CoreRelocator relocator, CoreRelocation relocation, string objectName, string programName, int index) : ITypeComparison
{
    private const int MaximumWork = 1_000_000;

    private int _work;

    public CoreRelocation Relocation => relocation;

    /// <summary>The object contradicts itself.</summary>
    public BpfObjectFormatException Malformed(string problem) => new(objectName, ".BTF.ext", null, Describe(problem));

    /// <summary>The object is sound, but cannot be fitted to these kernel types.</summary>
    public BpfException Unfit(string problem) => new($"{objectName}: {Describe(problem)}", objectName, programName);

    /// <summary>Counts one comparison of two types or members.</summary>
    public void Work(BtfTypes target)
    {
        if (!relocator.Work() || ++_work > MaximumWork)
        {
            throw Unfit($"comparing with the types of {target.Source} takes too many steps: its types contain themselves, or there are too many of one name");
        }
    }

    private string Describe(string problem) => $"program {programName}, instruction {index}: CO-RE relocation {relocator.Describe(relocation)}: {problem}";
}
