using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Loads each program of an object alone, the others switched off, and says what the kernel thinks of it. All of the object's maps are made each time.</summary>
internal static class ObjectVerifier
{
    internal static IEnumerable<ProgramVerdict> Verify(BpfObjectSpec spec)
    {
        UnstatedSizes.Fill(spec);
        foreach (ProgramSpec program in spec.Programs)
        {
            program.Enabled = false;
        }

        foreach (ProgramSpec program in spec.Programs)
        {
            program.Enabled = true;
            BpfException? refusal = Load(spec);
            program.Enabled = false;
            yield return new ProgramVerdict(program.Name, program.SectionName, refusal);
        }
    }

    /// <summary>Loads the object as it stands and gives it back; the answer is why that did not work, null when it did.</summary>
    private static BpfException? Load(BpfObjectSpec spec)
    {
        try
        {
            BpfObject.Load(spec).Dispose();
            return null;
        }
        catch (BpfException reason)
        {
            return reason;
        }
    }
}
