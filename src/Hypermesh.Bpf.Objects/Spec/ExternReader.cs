using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Errors;

namespace Hypermesh.Bpf.Objects.Spec;

/// <summary>Reads the <c>extern</c> declarations of an object: undefined symbols, with their types and sections from BTF.</summary>
internal sealed class ExternReader
{
    internal const string KernelConfigSection = ".kconfig";
    internal const string KernelSymbolSection = ".ksyms";

    private const string MapSection = ".maps";

    private readonly ElfObject _elf;
    private readonly BtfTypes _btf;
    private readonly HashSet<int> _config;
    private readonly HashSet<int> _symbols;
    private readonly HashSet<int> _maps;
    private readonly List<UndefinedExtern> _undefined = [];

    private ExternReader(ElfObject elf, BtfTypes btf)
    {
        _elf = elf;
        _btf = btf;
        _config = EntriesOf(KernelConfigSection);
        _symbols = EntriesOf(KernelSymbolSection);
        _maps = EntriesOf(MapSection);
    }

    /// <summary>Returns the externs in libbpf's order, whose indices also appear in the verifier's log: options first, then the others ordered by name.</summary>
    public static IReadOnlyList<BpfExternSpec> Read(ElfObject elf, BtfTypes? btf)
    {
        List<ElfSymbol> undefined =
        [
            .. elf.Symbols.Where(static s => s.SectionIndex == 0 && s.Type == ElfSymbolType.None && s.Binding is ElfSymbolBinding.Global or ElfSymbolBinding.Weak && s.Name.Length > 0),
        ];
        if (undefined.Count == 0)
        {
            return [];
        }

        if (btf is null)
        {
            throw new BpfObjectFormatException(elf.FileName, null, null, $"'{undefined[0].Name}' is declared extern, but the object has no BTF to say what it is: compile with -g");
        }

        var reader = new ExternReader(elf, btf);
        List<BpfExternSpec> externs = [.. undefined.Select(reader.Read)];
        if (reader._undefined.Count > 0)
        {
            throw reader.Undefined();
        }

        List<BpfExternSpec> options = KernelConfigLayout.Arrange(elf.FileName, btf, externs.Where(static e => e.Kind == BpfExternKind.KernelConfig));
        BpfExternSpec[] ordered = [.. options, .. externs.Where(static e => e.Kind != BpfExternKind.KernelConfig).OrderBy(static e => e.Name, StringComparer.Ordinal)];
        for (int i = 0; i < ordered.Length; i++)
        {
            ordered[i].Number = i;
        }

        return ordered;
    }

    private BpfExternSpec Read(ElfSymbol symbol)
    {
        int function = _btf.Find(symbol.Name, BtfKind.Function);
        int variable = _btf.Find(symbol.Name, BtfKind.Variable);
        int id = function == 0 ? variable : variable == 0 ? function : Math.Min(function, variable);
        const int External = 2;
        if (id == 0 || _btf[id].Linkage != External)
        {
            throw Format($"'{symbol.Name}' is undefined, and BTF does not declare it extern");
        }

        BtfType type = _btf[id];
        return new BpfExternSpec(symbol.Name, KindOf(type), symbol.Binding == ElfSymbolBinding.Weak, id, symbol.Index);
    }

    private BpfExternKind KindOf(BtfType type)
    {
        bool isFunction = type.Kind == BtfKind.Function;
        if (_config.Contains(type.Id))
        {
            return isFunction ? throw Format($"function '{type.Name}' is declared __kconfig; declare functions of the kernel __ksym") : BpfExternKind.KernelConfig;
        }

        if (!_symbols.Contains(type.Id))
        {
            // All undefined externs are reported in one exception.
            _undefined.Add(new UndefinedExtern(type.Name, isFunction ? "function" : _maps.Contains(type.Id) ? "map" : "variable"));
        }

        return isFunction ? BpfExternKind.Function : _btf.SkipModifiers(type.TypeId) == 0 ? BpfExternKind.Address : BpfExternKind.Variable;
    }

    private HashSet<int> EntriesOf(string section)
    {
        var ids = new HashSet<int>();
        int id = _btf.Find(section, BtfKind.DataSection);
        for (int i = 0; id != 0 && i < _btf[id].Length; i++)
        {
            ids.Add(_btf[id].SectionVariable(i).TypeId);
        }

        return ids;
    }

    private BpfObjectFormatException Undefined()
    {
        string names = string.Join(", ", _undefined.Select(static one => $"{one.Kind} '{one.Name}'"));
        (string are, string them) = _undefined.Count == 1 ? ("is", "it") : ("are", "them");
        string sharing = _undefined.Exists(static one => one.Kind == "map") ? " Objects that define the same map share it with ReplacedMaps or by pinning (LIBBPF_PIN_BY_NAME)." : "";
        return new BpfObjectFormatException(
            _elf.FileName, null, null,
            $"{names} {are} declared extern and not defined in this object, and an object is loaded alone. Define {them} in its C (in a header that several files include), or link the objects into one with "
                + $"'hmbpf gen object OUT FILE...'.{sharing} What the kernel defines is declared __ksym or __kconfig.")
        {
            Undefined = [.. _undefined],
        };
    }

    private BpfObjectFormatException Format(string problem) => new(_elf.FileName, ".BTF", null, problem);
}
