namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>Something that is about to be done, with what root made for it beforehand and ends afterwards.</summary>
internal sealed class Prepared(Action act, params IDisposable[] owned) : IDisposable
{
    internal Action Act => act;

    public void Dispose()
    {
        foreach (IDisposable one in owned)
        {
            one.Dispose();
        }
    }
}
