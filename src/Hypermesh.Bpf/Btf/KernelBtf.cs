using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf;

/// <summary>
/// The types of the running kernel. All users of the process share one image of them, mapped from the kernel where it lets itself be mapped (6.16), else read
/// once into memory of its own; the last user to be disposed frees it.
/// </summary>
public sealed class KernelBtf : IDisposable
{
    internal const string Path = KernelTypeFiles.Own;

    private static readonly ConditionalWeakTable<IKernel, SharedImage> s_shared = [];

    private readonly SharedImage _shared;
    private BtfTypes? _types;

    private KernelBtf(SharedImage shared, BtfTypes types)
    {
        _shared = shared;
        _types = types;
    }

    /// <summary>The types. They may be used until this is disposed, and not after.</summary>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public BtfTypes Types
    {
        get
        {
            BtfTypes? types = _types;
            ObjectDisposedException.ThrowIf(types is null, this);
            return types;
        }
    }

    /// <summary>Takes a share of the running kernel's types (5.4): those it gives itself, else those of its vmlinux where one is installed.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel was built without CONFIG_DEBUG_INFO_BTF, and there is no vmlinux with types.</exception>
    /// <exception cref="BpfSyscallException">They cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static KernelBtf Acquire() => Acquire(LinuxKernel.Instance);

    /// <summary>Gives the share back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _types, null) is not null)
        {
            _shared.Release();
        }
    }

    internal static KernelBtf Acquire(IKernel kernel)
    {
        SharedImage shared = s_shared.GetValue(kernel, static k => new SharedImage(k));
        return new KernelBtf(shared, shared.Take());
    }

    /// <summary>The image and its index while anyone uses them.</summary>
    private sealed class SharedImage(IKernel kernel)
    {
        private readonly Lock _gate = new();
        private KernelImage? _image;
        private BtfTypes? _types;
        private int _users;

        internal BtfTypes Take()
        {
            lock (_gate)
            {
                if (_types is null)
                {
                    (_image, _types) = KernelTypeFiles.Open(kernel);
                }

                _users++;
                return _types;
            }
        }

        internal void Release()
        {
            lock (_gate)
            {
                if (--_users == 0)
                {
                    _types = null;
                    ((IDisposable?)_image)?.Dispose();
                    _image = null;
                }
            }
        }
    }
}
