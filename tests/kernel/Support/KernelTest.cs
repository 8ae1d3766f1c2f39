namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A test that talks to the kernel and must leave nothing behind.</summary>
public abstract class KernelTest : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly Census _before;

    protected KernelTest()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root on Linux");
        _before = Census.Take();
    }

    private protected static IKernel Kernel => LinuxKernel.Instance;

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        Assert.Equal(_before, Census.Take());
        GC.SuppressFinalize(this);
    }

    private protected BpfMapDescriptor Create(BpfMapType type, int keySize, int valueSize, uint entries, MapFlags flags = MapFlags.None)
        => Own(MapCreator.Create(Kernel, new BpfMapDefinition($"t_{type}", type, (uint)keySize, (uint)valueSize, entries, (uint)flags)));

    private protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }
}
