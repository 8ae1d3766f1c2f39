namespace Hypermesh.Bpf;

/// <summary>A program of a type whose attaching this version does not know: it is loaded, can be asked, and its descriptor handed on.</summary>
public sealed class BpfOtherProgram : BpfProgram
{
    internal BpfOtherProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }
}
