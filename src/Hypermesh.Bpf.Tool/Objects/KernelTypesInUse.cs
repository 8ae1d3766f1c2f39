namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Keeps the kernel's types in use, so that they are read once for all objects; a kernel without types is an error only when an object needs them.</summary>
internal static class KernelTypesInUse
{
    internal static KernelBtf? Hold(Interop.IKernel? kernel = null)
    {
        try
        {
            return kernel is null ? KernelBtf.Borrow() : KernelBtf.Borrow(kernel);
        }
        catch (BpfException)
        {
            return null;
        }
    }
}
