namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>Who gives a global variable its value, and when.</summary>
internal enum GlobalOrigin
{
    /// <summary>Anyone, at any time.</summary>
    Variable,

    /// <summary>The user before the load; fixed after it.</summary>
    Constant,

    /// <summary>The load: an option of the kernel's configuration.</summary>
    KernelConfig,
}
