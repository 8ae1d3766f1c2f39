using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.Btf;

/// <summary>The kernel's types are shared, and end with their last user.</summary>
public sealed class KernelBtfTests : KernelTest
{
    [Fact]
    public void Kernel_types_are_shared_and_end_with_their_last_user()
    {
        KernelBtf first = KernelBtf.Acquire();
        KernelBtf second = KernelBtf.Acquire();
        Assert.Same(first.Types, second.Types);
        Assert.NotEqual(0, first.Types.Find("task_struct", BtfKind.Struct));
        first.Dispose();
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Types);
        Assert.NotEqual(0, second.Types.Find("task_struct", BtfKind.Struct));
        second.Dispose();
    }

    [Fact]
    public async Task Types_can_be_disposed_while_they_are_read()
    {
        Needs(BpfFeature.KernelBtf);
        for (int round = 0; round < 5; round++)
        {
            KernelBtf owner = KernelBtf.Acquire();
            BtfTypes types = owner.Types;
            int started = 0;
            Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                try
                {
                    while (true)
                    {
                        for (int id = 1; id < types.Count; id++)
                        {
                            _ = types[id].NameBytes.Length;
                            Volatile.Write(ref started, id);
                        }
                    }
                }
                catch (ObjectDisposedException)
                {
                    // They have ended.
                }
            }))];
            SpinWait.SpinUntil(() => Volatile.Read(ref started) > 0);
            owner.Dispose();
            await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }
    }
}
