using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf;

/// <summary>
/// The types of the running kernel, read once into memory that all users in the process share. Once the last user is disposed, the types cannot be read any more; a read on another
/// thread at that moment completes or throws <see cref="ObjectDisposedException"/>. The garbage collector frees the memory.
/// </summary>
public sealed class KernelBtf : IDisposable
{
    internal const string Path = KernelTypeFiles.Own;

    private static readonly ConditionalWeakTable<IKernel, SharedImages> s_shared = [];

    private readonly SharedImages _shared;
    private readonly Image _image;
    private BtfTypes? _types;

    private KernelBtf(SharedImages shared, Image image)
    {
        _shared = shared;
        _image = image;
        _types = image.Types;
    }

    /// <summary>The types. They can be used until this object is disposed.</summary>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public BtfTypes Types
    {
        get
        {
            BtfTypes? types = Volatile.Read(ref _types);
            ObjectDisposedException.ThrowIf(types is null, this);
            return types;
        }
    }

    /// <summary>Acquires the running kernel's types (5.4) from sysfs, or from an installed vmlinux if sysfs does not have them.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel was built without CONFIG_DEBUG_INFO_BTF, and there is no vmlinux with types.</exception>
    /// <exception cref="BpfSyscallException">The types cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static KernelBtf Acquire() => Acquire(LinuxKernel.Instance);

    /// <summary>Ends this use of the types. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _types, null) is not null)
        {
            _shared.Release(_image);
        }
    }

    internal static KernelBtf Acquire(IKernel kernel) => Take(kernel, isShared: true);

    /// <summary>
    /// Returns the types to a caller that passes them to nobody and disposes them when it has finished reading. They are mapped where the kernel allows it (6.16), which copies nothing.
    /// If the shared types are in use already, those are returned.
    /// </summary>
    internal static KernelBtf Borrow(IKernel kernel) => Take(kernel, isShared: false);

    /// <summary>Borrows the types of the running kernel.</summary>
    internal static KernelBtf Borrow() => Borrow(LinuxKernel.Instance);

    private static KernelBtf Take(IKernel kernel, bool isShared)
    {
        SharedImages shared = s_shared.GetValue(kernel, static k => new SharedImages(k));
        return new KernelBtf(shared, shared.Take(isShared));
    }

    /// <summary>An image, its index, and the number of users of both.</summary>
    private sealed class Image(IDisposable memory, BtfTypes types)
    {
        internal int Users { get; set; }

        internal IDisposable Memory => memory;

        internal BtfTypes Types => types;
    }

    /// <summary>The two images in use: the shared one, which can be disposed while others read it, and the borrowed one.</summary>
    private sealed class SharedImages(IKernel kernel)
    {
        private readonly Lock _gate = new();
        private Image? _shared;
        private Image? _borrowed;

        internal Image Take(bool isShared)
        {
            lock (_gate)
            {
                Image image = isShared ? _shared ??= Open(isShared) : _shared ?? (_borrowed ??= Open(isShared));
                image.Users++;
                return image;
            }
        }

        internal void Release(Image image)
        {
            lock (_gate)
            {
                if (--image.Users > 0)
                {
                    return;
                }

                _shared = image == _shared ? null : _shared;
                _borrowed = image == _borrowed ? null : _borrowed;
                image.Memory.Dispose();
            }
        }

        private Image Open(bool isShared)
        {
            (KernelImage memory, BtfTypes types) = KernelTypeFiles.Open(kernel, isShared);
            return new Image(memory, types);
        }
    }
}
