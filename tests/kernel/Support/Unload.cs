namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Ends a program as its object would.</summary>
internal sealed class Unload(BpfProgram program) : IDisposable
{
    public void Dispose() => program.Unload();
}
