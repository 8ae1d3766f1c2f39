using System.Text;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>The types of one module of the running kernel, on top of the kernel's own, and the descriptor programs refer to them by.</summary>
internal sealed unsafe class ModuleBtf : IDisposable
{
    private const int LongestName = 64;

    private ModuleBtf(string name, BpfHandle handle, BtfTypes types)
    {
        Name = name;
        Handle = handle;
        Types = types;
    }

    internal string Name { get; }

    internal BpfHandle Handle { get; }

    internal BtfTypes Types { get; }

    public void Dispose() => Handle.Dispose();

    /// <summary>Reads the BTF behind a descriptor, which is kept, or closed where it is no module's.</summary>
    /// <param name="handle">Any BTF.</param>
    /// <param name="kernel">The kernel's own types.</param>
    /// <returns>The module; null for a program's or the kernel's BTF, and on kernels whose modules have none (before 5.11).</returns>
    internal static ModuleBtf? Open(BpfHandle handle, BtfTypes kernel)
    {
        ModuleBtf? module = null;
        try
        {
            byte* name = stackalloc byte[LongestName];
            RawBtfInfo info = default;
            info.Name = (ulong)name;
            info.NameLen = LongestName;
            long result = BtfCalls.TryInfo(handle, ref info);
            if (result is -Errno.E2BIG or -Errno.EINVAL)
            {
                // A kernel that does not tell the name has no types of modules either.
                return null;
            }

            Check(handle, result);
            string text = Text(new ReadOnlySpan<byte>(name, LongestName));
            if (info.KernelBtf != 0 && text != "vmlinux")
            {
                module = new ModuleBtf(text, handle, BtfTypes.Read(ReadBlob(handle, info.BtfSize), "module " + text, kernel));
            }

            return module;
        }
        finally
        {
            if (module is null)
            {
                handle.Dispose();
            }
        }
    }

    private static byte[] ReadBlob(BpfHandle handle, uint size)
    {
        byte[] blob = new byte[size];
        fixed (byte* start = blob)
        {
            RawBtfInfo info = default;
            info.Btf = (ulong)start;
            info.BtfSize = size;
            Check(handle, BtfCalls.TryInfo(handle, ref info));
        }

        return blob;
    }

    private static void Check(BpfHandle handle, long result)
    {
        if (result < 0)
        {
            throw KernelErrors.Of(handle.Kernel, BpfCommand.ObjectGetInfoByDescriptor, result, "Reading the types of a kernel module", Capabilities.SysAdmin);
        }
    }

    private static string Text(ReadOnlySpan<byte> name)
    {
        int end = name.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
    }
}
