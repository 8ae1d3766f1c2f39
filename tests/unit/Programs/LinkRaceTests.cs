using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Programs;

/// <summary>Calls of two threads on one link exclude each other; a link is in the list of its own program, and in no other.</summary>
public sealed class LinkRaceTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly ScriptedKernel _kernel = new();
    private readonly NetworkDevice _device;
    private readonly BpfXdpProgram _old;
    private readonly BpfXdpProgram _new;
    private readonly BpfProgramLink _link;

    public LinkRaceTests()
    {
        _device = NetworkDevice.FromName(_kernel, "eth7");
        _old = Program("old");
        _new = Program("new");
        _link = _old.Attach(_device);
    }

    [Fact]
    public async Task A_link_that_is_disposed_during_an_update_does_not_block()
    {
        Task? disposing = null;
        During(BpfCommand.LinkUpdate, () => disposing = Run(_link.Dispose));
        _link.Update(_new);
        await disposing!.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.False(_link.IsAttached);
        Assert.Empty(_old.Links);
        Assert.Empty(_new.Links);
        Assert.True(_new.Attach(_device).IsAttached);
        Assert.True(_old.Attach(_device).IsAttached);
        End();
    }

    [Theory]
    [InlineData(nameof(BpfProgramLink.Update))]
    [InlineData(nameof(BpfProgramLink.Pin))]
    [InlineData(nameof(BpfProgramLink.ForceDetach))]
    public async Task Any_operation_on_a_link_ends_before_it_is_closed(string what)
    {
        Task? disposing = null;
        bool isBusy = false, wasEnded = false;
        During(
            what switch { nameof(BpfProgramLink.Update) => BpfCommand.LinkUpdate, nameof(BpfProgramLink.Pin) => BpfCommand.ObjectPin, _ => BpfCommand.LinkDetach },
            () =>
            {
                isBusy = true;
                disposing = Run(_link.Dispose);
                wasEnded = disposing.IsCompleted || !_link.IsAttached;
            });
        switch (what)
        {
            case nameof(BpfProgramLink.Update):
                _link.Update(_new);
                break;
            case nameof(BpfProgramLink.Pin):
                _link.Pin("/sys/fs/bpf/link");
                break;
            default:
                _link.ForceDetach();
                break;
        }

        await disposing!.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.True(isBusy);
        Assert.False(wasEnded, "the link ended in the middle");
        Assert.False(_link.IsAttached);
        End();
    }

    [Fact]
    public async Task Unloading_the_old_program_keeps_a_link_that_was_updated_to_another()
    {
        Task? unloading = null;
        During(BpfCommand.LinkUpdate, () => unloading = Run(_old.Unload));
        _link.Update(_new);
        await unloading!.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.False(_old.IsLoaded);
        Assert.True(_link.IsAttached);
        Assert.Same(_link, Assert.Single(_new.Links));
        End();
        Assert.False(_link.IsAttached);
    }

    [Fact]
    public void A_link_whose_new_program_is_unloaded_meanwhile_ends_with_it()
    {
        During(BpfCommand.LinkUpdate, () => Assert.True(Task.Run(_new.Unload).Wait(s_limit)));
        _link.Update(_new);
        Assert.False(_link.IsAttached);
        Assert.Empty(_old.Links);
        Assert.Empty(_new.Links);
        Assert.True(_old.Attach(_device).IsAttached);
        End();
    }

    [Fact]
    public void A_refused_update_changes_nothing()
    {
        _kernel.Answer(BpfCommand.LinkUpdate, -Errno.EPERM);
        Assert.ThrowsAny<BpfSyscallException>(() => _link.Update(_new));
        Assert.Same(_old, _link.Program);
        Assert.Same(_link, Assert.Single(_old.Links));
        Assert.Empty(_new.Links);
        End();
    }

    [Fact]
    public void Any_use_after_the_end_of_a_link_is_an_error()
    {
        _link.Dispose();
        _link.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _link.Update(_new));
        Assert.Throws<ObjectDisposedException>(() => _link.Pin("/sys/fs/bpf/link"));
        Assert.Throws<ObjectDisposedException>(() => _link.GetInfo());
        Assert.Throws<ObjectDisposedException>(() => _link.Id);
        Assert.Throws<ObjectDisposedException>(_link.ForceDetach);
        End();
    }

    [Fact]
    public async Task Threads_that_do_all_of_it_at_once_leave_nothing_open_and_do_not_block()
    {
        for (int round = 0; round < 200; round++)
        {
            BpfProgramLink link = round == 0 ? _link : _old.Attach(_device);
            using var start = new Barrier(4);
            Task[] threads =
            [
                At(start, () => link.Update(_new)), At(start, () => link.Update(_old)), At(start, () => link.GetInfo()), At(start, link.Dispose),
            ];
            await Task.WhenAll(threads).WaitAsync(s_limit, TestContext.Current.CancellationToken);
            Assert.False(link.IsAttached);
            Assert.Empty(_old.Links);
            Assert.Empty(_new.Links);
        }

        End();

        static Task At(Barrier start, Action action) => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                try
                {
                    action();
                }
                catch (ObjectDisposedException)
                {
                    // The link had ended.
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    // Begins on another thread, and has it come as far as it can.
    private static Task Run(Action action)
    {
        Task task = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        task.Wait(TimeSpan.FromMilliseconds(100));
        return task;
    }

    private void During(BpfCommand command, Action action)
    {
        bool done = false;
        _kernel.OnBpf = (called, _) =>
        {
            if (called == command && !done)
            {
                done = true;
                action();
            }

            return null;
        };
    }

    private void End()
    {
        _old.Unload();
        _new.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    private BpfXdpProgram Program(string name)
        => new(new BpfProgramDescriptor(_kernel, name, BpfProgramType.Xdp) { Handle = _kernel.NewHandle(), SectionName = "xdp" });
}
