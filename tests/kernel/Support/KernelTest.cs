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

    /// <summary>Skips what this kernel is too old for, with what it answered when the feature was tried.</summary>
    private protected static void Needs(BpfFeature feature)
    {
        BpfFeatureResult found = BpfFeatures.Of(Kernel).Check(feature);
        Assert.SkipWhen(found.State == BpfFeatureState.Absent, $"this kernel has no {feature}: {found.Detail}");
    }

    /// <summary>Skips what takes a function this kernel has not.</summary>
    private protected static void NeedsFunction(string name) => Assert.SkipUnless(KernelNames.HasFunction(name), $"this kernel has no function {name}");

    /// <summary>Skips what the kernel answers it has not; any other answer is a failure.</summary>
    private protected static T OrSkip<T>(Func<BpfSyscallException, bool> isAbsent, Func<T> attempt)
    {
        try
        {
            return attempt();
        }
        catch (BpfSyscallException answer) when (isAbsent(answer))
        {
            Assert.Skip($"this kernel has it not: {answer.Message}");
            throw;
        }
    }

    private protected BpfMapDescriptor Create(BpfMapType type, int keySize, int valueSize, uint entries, MapFlags flags = MapFlags.None)
        => Own(MapCreator.Create(Kernel, new BpfMapDefinition($"t_{type}", type, (uint)keySize, (uint)valueSize, entries, (uint)flags)));

    /// <summary>A map of a kind not every kernel has.</summary>
    private protected BpfMapDescriptor Create(Func<BpfSyscallException, bool> isAbsent, BpfMapDefinition definition) => Own(OrSkip(isAbsent, () => MapCreator.Create(Kernel, definition)));

    private protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }
}
