namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>What a kernel symbol came to.</summary>
/// <param name="Address">Its address, for one without a type.</param>
/// <param name="BtfId">Its number in the kernel's or a module's BTF, for one with a type.</param>
/// <param name="Module">The module it is in; null for the kernel itself.</param>
/// <param name="ModuleIndex">Where the module's descriptor stands in the list a program is loaded with; 0 for the kernel itself.</param>
internal sealed record ResolvedExtern(ulong Address = 0, int BtfId = 0, ModuleBtf? Module = null, short ModuleIndex = 0);
