namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>Keeps the kernel's types from being read anew for each object; a kernel without any is no error until an object needs them.</summary>
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
