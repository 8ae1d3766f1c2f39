using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A test with the object of mapsinuse.bpf.c.</summary>
public abstract class MapsInUseTest : KernelTest
{
    private protected static BpfProgram Program(BpfObject live, string name) => live.Programs.Single(program => program.Name == name);

    private protected BpfObject Open(Action<BpfObjectSpec>? edit = null)
    {
        var skeleton = Mapsinuse.Open(spec =>
        {
            spec.Object.Map("kept").IsPinnedByName = false;
            edit?.Invoke(spec.Object);
        });
        return Own(BpfObject.Load(skeleton.Object));
    }
}
