using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf;

/// <summary>
/// The types of the running kernel, read once into memory that all users of the process share. When the last user is disposed they may not be read any more; whoever is reading them
/// at that moment, on another thread, finishes or gets an <see cref="ObjectDisposedException"/>. The garbage collector frees the memory.
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

    /// <summary>The types. They may be used until this is disposed, and not after.</summary>
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

    /// <summary>Takes a share of the running kernel's types (5.4): those it gives itself, else those of its vmlinux where one is installed.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel was built without CONFIG_DEBUG_INFO_BTF, and there is no vmlinux with types.</exception>
    /// <exception cref="BpfSyscallException">They cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static KernelBtf Acquire() => Acquire(LinuxKernel.Instance);

    /// <summary>Gives the share back. Once is enough; again does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _types, null) is not null)
        {
            _shared.Release(_image);
        }
    }

    internal static KernelBtf Acquire(IKernel kernel) => Take(kernel, isShared: true);

    /// <summary>
    /// Takes the types for the time of a call that hands them to nobody and ends them when it has finished reading: mapped from the kernel where it lets itself be mapped (6.16), which
    /// copies nothing. Where somebody has a share of them already, this is another.
    /// </summary>
    internal static KernelBtf Borrow(IKernel kernel) => Take(kernel, isShared: false);

    /// <summary>The same, of the running kernel.</summary>
    internal static KernelBtf Borrow() => Borrow(LinuxKernel.Instance);

    private static KernelBtf Take(IKernel kernel, bool isShared)
    {
        SharedImages shared = s_shared.GetValue(kernel, static k => new SharedImages(k));
        return new KernelBtf(shared, shared.Take(isShared));
    }

    /// <summary>An image, its index, and how many use them.</summary>
    private sealed class Image(IDisposable memory, BtfTypes types)
    {
        internal int Users { get; set; }

        internal IDisposable Memory => memory;

        internal BtfTypes Types => types;
    }

    /// <summary>The two images while anyone uses them: the one that may end under its readers, and the one of those who borrow it.</summary>
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
