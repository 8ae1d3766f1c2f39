using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>How the maps of an object come to be: pinned, found, replaced, asked for twice.</summary>
public sealed unsafe class MapLoadTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void A_map_that_is_not_pinned_yet_is_created_and_pinned()
    {
        string? path = null;
        _kernel.OnBpf = (command, attributes) =>
        {
            path = command == BpfCommand.ObjectPin ? Text(((ObjectPinAttr*)attributes)->Pathname) : path;
            return null;
        };

        Load(Pinned()).Dispose();

        Assert.Equal("/run/bpf/events", path);
        Assert.Contains("mkdir /run/bpf", _kernel.Calls);
        Clean();
    }

    [Fact]
    public void A_pinned_map_is_reused_when_it_is_compatible()
    {
        BpfObjectSpec spec = Pinned();
        AnswerPinned(spec.Maps[0], static _ => { });

        using (BpfObject live = Load(spec))
        {
            Assert.DoesNotContain(_kernel.Calls, static call => call == "BPF_OBJ_PIN");
            Assert.True(live.GetMap("events").IsCreated);
        }

        Clean();
    }

    [Fact]
    public void A_pinned_map_that_differs_is_rejected_with_the_difference()
    {
        BpfObjectSpec spec = Pinned();
        AnswerPinned(spec.Maps[0], static info =>
        {
            ((RawMapInfo*)info)->Type = (uint)BpfMapType.LruHash;
            ((RawMapInfo*)info)->KeySize = 8;
        });

        var reason = Assert.Throws<BpfException>(() => Load(spec));

        Assert.Contains("type LruHash instead of Hash, key size 8 instead of 4", reason.Message, StringComparison.Ordinal);
        Assert.Contains("/run/bpf/events", reason.Message, StringComparison.Ordinal);
        Clean();
    }

    [Fact]
    public void Of_two_processes_that_pin_at_once_the_first_has_the_map()
    {
        BpfObjectSpec spec = Pinned();
        AnswerPinned(spec.Maps[0], static _ => { });
        int asked = 0;
        Func<BpfCommand, nint, long?> pinned = _kernel.OnBpf!;
        _kernel.OnBpf = (command, attributes) => command switch
        {
            BpfCommand.ObjectGet when asked++ == 0 => -Errno.ENOENT,
            BpfCommand.ObjectPin => -Errno.EEXIST,
            _ => pinned(command, attributes),
        };

        Load(spec).Dispose();

        Assert.Equal(2, asked);
        Clean();
    }

    [Theory]
    [InlineData(BpfCommand.ObjectPin, Errno.EPERM)]
    [InlineData(BpfCommand.ObjectPin, Errno.ENOSPC)]
    [InlineData(BpfCommand.ObjectGet, Errno.EACCES)]
    public void A_pin_that_is_refused_leaves_nothing_open(BpfCommand command, int errno)
    {
        _kernel.Answer(command, -errno);
        _kernel.Files["/proc/self/mountinfo"] = "22 1 0:21 / / rw - ext4 /dev/vda rw\n30 22 0:30 / /sys/fs/bpf rw - bpf bpf rw\n"u8.ToArray();

        BpfSyscallException reason = Assert.ThrowsAny<BpfSyscallException>(() => Load(Pinned()));

        Assert.Equal((errno, "events"), (reason.Errno, reason.SubjectName));
        Assert.Equal(errno == Errno.EPERM, reason.Message.Contains("is not in a BPF file system", StringComparison.Ordinal));
        Clean();
    }

    [Fact]
    public void An_existing_map_replaces_one_of_the_object_and_stays_open()
    {
        using var mine = new BpfMapHandle(_kernel, new BpfMapDefinition("mine", BpfMapType.Hash, 4, 20, 65536), _kernel.NewHandle());
        using var other = new BpfMapHandle(_kernel, new BpfMapDefinition("other", BpfMapType.RingBuf, 0, 0, 4096), _kernel.NewHandle());

        using (BpfObject live = Load(Spec(), new() { ["events"] = mine }))
        {
            Assert.Equal(65536u, live.GetMap("events").MaxEntries);
        }

        Assert.False(mine.Handle.IsClosed);
        Assert.Contains("type RingBuf instead of Hash", Assert.Throws<BpfException>(() => Load(Spec(), new() { ["events"] = other })).Message, StringComparison.Ordinal);
        Assert.Equal(2, _kernel.OpenDescriptors.Count);
    }

    private static BpfObjectSpec Spec() => BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small");

    private static BpfObjectSpec Pinned()
    {
        BpfObjectSpec spec = Spec();
        spec.Maps[0].IsPinnedByName = true;
        return spec;
    }

    private BpfObject Load(BpfObjectSpec spec, Dictionary<string, BpfMapHandle>? replaced = null)
        => BpfObject.Load(spec, new BpfLoadOptions { Kernel = _kernel, KernelTypes = TestData.Btf(spec.Elf), PinRoot = "/run/bpf/", ReplacedMaps = replaced ?? [] });

    // A pin there is, and it is the map of the spec but for what the test changes.
    private void AnswerPinned(BpfMapSpec map, Action<nint> change)
    {
        int pinned = -1;
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command == BpfCommand.ObjectGet)
            {
                // Handed over: the loader closes it.
                using BpfHandle handle = _kernel.NewHandle();
                pinned = (int)handle.DangerousGetHandle();
                handle.SetHandleAsInvalid();
                return pinned;
            }

            if (command == BpfCommand.ObjectGetInfoByDescriptor && ((ObjectInfoAttr*)attributes)->BpfFd == pinned)
            {
                var info = (RawMapInfo*)((ObjectInfoAttr*)attributes)->Info;
                info->Type = (uint)map.Type;
                info->KeySize = (uint)map.KeySize;
                info->ValueSize = (uint)map.ValueSize;
                info->MaxEntries = map.MaxEntries;
                change((nint)info);
            }

            return null;
        };
    }

    private void Clean()
    {
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(0, _kernel.Mapped);
    }

    private static string Text(ulong address) => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)address)!;
}
