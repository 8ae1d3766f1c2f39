using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Privileges;

/// <summary>
/// The handler, in a page of its own that is never writable and executable at once: capset(2) to the kept set, or to nothing if the thread has less than that,
/// then prctl(PR_SET_NO_NEW_PRIVS). It accesses no memory except its page and calls nothing, so that it can interrupt a thread anywhere.
/// </summary>
internal static class LoweringCode
{
    /// <summary>The kernel's struct sigaction: handler, flags, restorer, mask.</summary>
    internal const int ActionSize = 32;

    // On the thread's signal stack if it has one (SA_ONSTACK); interrupted calls restart if possible (SA_RESTART); with our own restorer (SA_RESTORER).
    private const ulong ActionFlags = 0x08000000 | 0x10000000 | 0x04000000;
    private const ulong AllSignals = ulong.MaxValue;

    private const int Size = 4096;
    private const int Restorer = 112;
    private const int Header = 128;
    private const int Kept = 136;
    private const uint Version3 = 0x20080522;

    // The data after the code: the header at 128, the kept sets at 136, zeroes for the empty sets at 160.
    private static ReadOnlySpan<byte> HandlerX64 =>
    [
        0xb8, 0x7e, 0x00, 0x00, 0x00, // mov eax, capset
        0x48, 0x8d, 0x3d, 0x74, 0x00, 0x00, 0x00, // lea rdi, [header]
        0x48, 0x8d, 0x35, 0x75, 0x00, 0x00, 0x00, // lea rsi, [kept]
        0x0f, 0x05, // syscall
        0x85, 0xc0, // test eax, eax
        0x74, 0x15, // jz privileges
        0xb8, 0x7e, 0x00, 0x00, 0x00, // mov eax, capset
        0x48, 0x8d, 0x3d, 0x5b, 0x00, 0x00, 0x00, // lea rdi, [header]
        0x48, 0x8d, 0x35, 0x74, 0x00, 0x00, 0x00, // lea rsi, [nothing]
        0x0f, 0x05, // syscall
        0xb8, 0x9d, 0x00, 0x00, 0x00, // privileges: mov eax, prctl
        0xbf, 0x26, 0x00, 0x00, 0x00, // mov edi, PR_SET_NO_NEW_PRIVS
        0xbe, 0x01, 0x00, 0x00, 0x00, // mov esi, 1
        0x31, 0xd2, // xor edx, edx
        0x45, 0x31, 0xd2, // xor r10d, r10d
        0x45, 0x31, 0xc0, // xor r8d, r8d
        0x0f, 0x05, // syscall
        0xc3, // ret
    ];

    private static ReadOnlySpan<byte> RestorerX64 =>
    [
        0xb8, 0x0f, 0x00, 0x00, 0x00, // mov eax, rt_sigreturn
        0x0f, 0x05, // syscall
    ];

    private static ReadOnlySpan<uint> HandlerArm64 =>
    [
        0x10000400, // adr x0, header
        0x10000421, // adr x1, kept
        0xd2800b68, // mov x8, capset
        0xd4000001, // svc 0
        0xb40000a0, // cbz x0, privileges
        0x10000360, // adr x0, header
        0x10000441, // adr x1, nothing
        0xd2800b68, // mov x8, capset
        0xd4000001, // svc 0
        0xd28004c0, // privileges: mov x0, PR_SET_NO_NEW_PRIVS
        0xd2800021, // mov x1, 1
        0xd2800002, // mov x2, 0
        0xd2800003, // mov x3, 0
        0xd2800004, // mov x4, 0
        0xd28014e8, // mov x8, prctl
        0xd4000001, // svc 0
        0xd65f03c0, // ret
    ];

    private static ReadOnlySpan<uint> RestorerArm64 =>
    [
        0xd2801168, // mov x8, rt_sigreturn
        0xd4000001, // svc 0
    ];

    /// <summary>Maps the page with the kept capabilities.</summary>
    /// <returns>Its address.</returns>
    internal static nint Map(IKernel kernel, Capabilities kept)
    {
        const string What = "Giving up capabilities";
        long opened = kernel.MemoryFile("hypermesh-capset");
        if (opened < 0)
        {
            throw KernelErrors.Of(kernel, "memfd_create", opened, What);
        }

        using var file = new BpfHandle(kernel, opened);
        long written = kernel.Write((int)opened, Page(RuntimeInformation.ProcessArchitecture, kept));
        if (written < 0)
        {
            throw KernelErrors.Of(kernel, "write", written, What);
        }

        long mapped = kernel.MemoryMap(Size, MemoryProtection.Read | MemoryProtection.Execute, MemoryMapping.Private, (int)opened, 0);
        return mapped >= 0 ? (nint)mapped : throw KernelErrors.Of(kernel, "mmap", mapped, What, detail: "It needs an executable page of memory; allow executable mappings for this process.");
    }

    /// <summary>Returns the contents of the page for an architecture.</summary>
    internal static byte[] Page(Architecture architecture, Capabilities kept)
    {
        byte[] page = new byte[Size];
        bool isX64 = architecture == Architecture.X64;
        (isX64 ? HandlerX64 : MemoryMarshal.AsBytes(HandlerArm64)).CopyTo(page);
        (isX64 ? RestorerX64 : MemoryMarshal.AsBytes(RestorerArm64)).CopyTo(page.AsSpan(Restorer));
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(Header), Version3);
        CapabilitySets.Write(page.AsSpan(Kept), kept);
        return page;
    }

    /// <summary>Returns the signal action with the handler in the page at an address.</summary>
    internal static byte[] Action(nint address)
    {
        byte[] action = new byte[ActionSize];
        BinaryPrimitives.WriteInt64LittleEndian(action, address);
        BinaryPrimitives.WriteUInt64LittleEndian(action.AsSpan(8), ActionFlags);
        BinaryPrimitives.WriteInt64LittleEndian(action.AsSpan(16), address + Restorer);
        BinaryPrimitives.WriteUInt64LittleEndian(action.AsSpan(24), AllSignals);
        return action;
    }
}
