[assembly: AssemblyFixture(typeof(Hypermesh.Bpf.Tests.Kernel.Support.HeldKernelTypes))]

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>The kernel's types are held while tests run, as a program does that loads more than one object: an emulated processor takes a second to index them.</summary>
public sealed class HeldKernelTypes : IDisposable
{
    private readonly KernelBtf? _held;

    public HeldKernelTypes()
    {
        try
        {
            _held = KernelBtf.Borrow();
        }
        catch (BpfFeatureNotSupportedException)
        {
            // Each test that needs them says so.
        }
    }

    public void Dispose() => _held?.Dispose();
}
