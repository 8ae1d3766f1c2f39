using System.Globalization;

namespace Hypermesh.Bpf;

/// <summary>
/// A pointer of a BPF program: an address in the kernel, which means nothing in this process. It is a type of its own so that nobody takes it for a number or
/// follows it.
/// </summary>
/// <param name="Address">The address; always 64 bits.</param>
public readonly record struct KernelPointer(ulong Address)
{
    /// <summary>True for a pointer to nothing.</summary>
    public bool IsNull => Address == 0;

    /// <summary>The address in hexadecimal, as the kernel prints it.</summary>
    public override string ToString() => "0x" + Address.ToString("x16", CultureInfo.InvariantCulture);
}
