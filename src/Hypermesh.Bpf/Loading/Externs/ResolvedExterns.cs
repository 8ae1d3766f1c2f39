using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>What all externs of an object came to on the running kernel.</summary>
internal sealed class ResolvedExterns
{
    private readonly Dictionary<BpfExternSpec, ResolvedExtern> _symbols = [];
    private readonly Dictionary<BpfExternSpec, string> _missing = [];
    private readonly List<BpfHandle> _modules = [];

    /// <summary>The contents of <c>.kconfig</c>; empty for an object that asks for no option.</summary>
    internal byte[] KernelConfig { get; set; } = [];

    /// <summary>The modules whose functions are called: the n-th is named n + 1, since 0 is the kernel.</summary>
    internal IReadOnlyList<BpfHandle> FunctionModules => _modules;

    internal void Add(BpfExternSpec one, ResolvedExtern found) => _symbols[one] = found;

    /// <summary>Notes a weak one that is not there.</summary>
    /// <param name="one">The extern.</param>
    /// <param name="reason">What to say should a program come to need it.</param>
    internal void AddMissing(BpfExternSpec one, string reason) => _missing[one] = reason;

    internal ResolvedExtern? Find(BpfExternSpec one) => _symbols.GetValueOrDefault(one);

    internal string WhyMissing(BpfExternSpec one) => _missing.GetValueOrDefault(one, $"kernel symbol '{one.Name}' is not there");

    /// <summary>The number a call names a module by; it is as wide as an instruction's offset.</summary>
    internal short IndexOf(ModuleBtf module, BpfObjectSpec spec)
    {
        int index = _modules.IndexOf(module.Handle);
        if (index < 0)
        {
            index = _modules.Count;
            _modules.Add(module.Handle);
        }

        return index < short.MaxValue
            ? (short)(index + 1)
            : throw new BpfException($"Object {spec.Name} calls functions of more than {short.MaxValue} modules.", spec.Name, module.Name);
    }
}

/// <summary>What a kernel symbol came to.</summary>
/// <param name="Address">Its address, for one without a type.</param>
/// <param name="BtfId">Its number in the kernel's or a module's BTF, for one with a type.</param>
/// <param name="Module">The module it is in; null for the kernel itself.</param>
/// <param name="ModuleIndex">Where the module's descriptor stands in the list a program is loaded with; 0 for the kernel itself.</param>
internal sealed record ResolvedExtern(ulong Address = 0, int BtfId = 0, ModuleBtf? Module = null, short ModuleIndex = 0);
