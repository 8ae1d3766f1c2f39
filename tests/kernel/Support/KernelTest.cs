using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A test that talks to the kernel and must leave nothing behind.</summary>
public abstract class KernelTest : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly Census _before;

    protected KernelTest()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root on Linux");

        // Maps made by hand count as those of an object do.
        MemoryLock.Raise(Kernel);
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

    /// <summary>Skips what this kernel lacks, by facts of the kernel: the library's own probe is tested, and does not decide.</summary>
    private protected static void Needs(BpfFeature feature) => Assert.SkipUnless(KernelFacts.Has(feature), $"this kernel has no {feature}");

    /// <summary>Skips what takes a function this kernel has not.</summary>
    private protected static void NeedsFunction(string name) => Assert.SkipUnless(KernelNames.HasFunction(name), $"this kernel has no function {name}");

    /// <summary>Skips what the kernel answers it has not; any other answer is a failure.</summary>
    private protected static T OrSkip<T>(Absence absence, Func<T> attempt)
    {
        try
        {
            return attempt();
        }
        catch (BpfSyscallException answer) when (absence.Explains(answer))
        {
            absence.Skip(answer);
            throw;
        }
    }

    private protected BpfMapHandle Create(BpfMapType type, int keySize, int valueSize, uint entries, BpfMapFlags flags = BpfMapFlags.None)
        => Own(MapCreator.Create(Kernel, new BpfMapDefinition($"t_{type}", type, keySize, valueSize, entries, flags)));

    /// <summary>A map of a kind not every kernel has.</summary>
    private protected BpfMapHandle Create(Absence absence, BpfMapDefinition definition) => Own(OrSkip(absence, () => MapCreator.Create(Kernel, definition)));

    private protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }
}
