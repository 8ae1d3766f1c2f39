using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>The resolved externs of an object on the running kernel.</summary>
internal sealed class ResolvedExterns
{
    private readonly Dictionary<BpfExternSpec, ResolvedExtern> _symbols = [];
    private readonly Dictionary<BpfExternSpec, string> _missing = [];
    private readonly List<BpfHandle> _modules = [];

    /// <summary>The contents of <c>.kconfig</c>; empty for an object that uses no option.</summary>
    internal byte[] KernelConfig { get; set; } = [];

    /// <summary>The modules whose functions are called: the n-th has the index n + 1, because 0 is the kernel.</summary>
    internal IReadOnlyList<BpfHandle> FunctionModules => _modules;

    internal void Add(BpfExternSpec one, ResolvedExtern found) => _symbols[one] = found;

    /// <summary>Records a missing weak extern.</summary>
    /// <param name="one">The extern.</param>
    /// <param name="reason">The message for a program that needs it.</param>
    internal void AddMissing(BpfExternSpec one, string reason) => _missing[one] = reason;

    internal ResolvedExtern? Find(BpfExternSpec one) => _symbols.GetValueOrDefault(one);

    internal string WhyMissing(BpfExternSpec one) => _missing.GetValueOrDefault(one, $"kernel symbol '{one.Name}' does not exist");

    /// <summary>Returns the index of a module in calls, which has the width of an instruction's offset.</summary>
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

/// <summary>A resolved kernel symbol.</summary>
/// <param name="Address">Its address, for a symbol without a type.</param>
/// <param name="BtfId">Its ID in the BTF of the kernel or of a module, for a symbol with a type.</param>
/// <param name="Module">The module it is in; null for the kernel itself.</param>
/// <param name="ModuleIndex">The index of the module's descriptor in the list that a program is loaded with; 0 for the kernel itself.</param>
internal sealed record ResolvedExtern(ulong Address = 0, int BtfId = 0, ModuleBtf? Module = null, short ModuleIndex = 0);
