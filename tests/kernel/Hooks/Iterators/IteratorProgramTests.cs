using Hypermesh.Bpf.Programs;
using System.Buffers;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Iterators;

/// <summary>Iterators from instructions.</summary>
public sealed class IteratorProgramTests : SwitchTest
{
    [Fact]
    public void An_iterator_walks_all_tasks()
    {
        using KernelBtf types = KernelBtf.Acquire();
        BpfProgramDescriptor descriptor = Load.Descriptor(
            "walk", BpfProgramType.Tracing, Code.CountInto(Map), BpfAttachType.TraceIter, "task", types.Types.Find("bpf_iter_task", BtfKind.Function));
        var program = new BpfIteratorProgram(descriptor);
        Own(new Unload(program));
        Assert.Equal(0, program.Run());
        Assert.Empty(program.Links);
        ulong once = Counter[0];
        Assert.True(once > 10, $"{once} tasks");
        program.Attach();
        Assert.Equal(0, program.Run(new ArrayBufferWriter<byte>()));
        Assert.True(Counter[0] > once);
        Assert.Single(program.Links);
    }
}
