using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Relocation;

namespace Hypermesh.Bpf.Objects.ProgramLinking;

/// <summary>
/// Links programs: each called function follows the entry function, in the order of the calls, as in libbpf.
/// One linker links all programs of an object; functions that they share are relocated once.
/// </summary>
internal sealed class ProgramLinker
{
    // The kernel allows eight nested calls; a far longer chain comes from a damaged file.
    private const int DeepestChain = 256;

    private readonly BpfObjectSpec _spec;
    private readonly CodeUnitTable _units;
    private readonly UnitRelocator _relocator;

    /// <summary>Creates a linker for the programs of an object.</summary>
    /// <param name="spec">The object.</param>
    /// <param name="kernelTypes">The kernel's types, then those of its modules; may be empty for an object without CO-RE relocations.</param>
    /// <param name="modules">Returns the types of further modules; called at most once, when the kernel's own types lack a name; null when there are none.</param>
    public ProgramLinker(BpfObjectSpec spec, IReadOnlyList<BtfTypes> kernelTypes, Func<IReadOnlyList<BtfTypes>>? modules = null)
    {
        _spec = spec;
        _units = new CodeUnitTable(spec.Elf);
        CoreRelocator? core = spec.Btf is not null && kernelTypes.Count > 0 ? new CoreRelocator(spec.Btf, kernelTypes, spec.Name, modules) : null;
        _relocator = new UnitRelocator(spec, _units, core);
    }

    /// <summary>Links one program.</summary>
    /// <param name="program">A program of the object.</param>
    /// <returns>The program, complete except for descriptors.</returns>
    /// <exception cref="BpfObjectFormatException">A relocation or call has an invalid target.</exception>
    public LinkedProgram Link(BpfProgramSpec program)
    {
        if (!_spec.Elf.IsLittleEndian)
        {
            throw new BpfException($"object {_spec.Name} is big-endian: it can be read here, but not loaded", _spec.Name, program.Name);
        }

        var assembly = new Assembly(this, program);
        assembly.Append(_units.Get(program), depth: 0);
        return assembly.Finish();
    }

    private sealed class Assembly(ProgramLinker linker, BpfProgramSpec program)
    {
        private readonly List<BpfInstruction> _instructions = [];
        private readonly List<InstructionReference> _references = [];
        private readonly List<PoisonedInstruction> _poisoned = [];
        private readonly List<LinkedFunction> _functions = [];
        private readonly List<LinkedLine> _lines = [];
        private readonly Dictionary<CodeUnit, int> _places = [];

        public void Append(CodeUnit unit, int depth)
        {
            if (depth > DeepestChain)
            {
                throw new BpfObjectFormatException(linker._spec.Name, unit.Section.Name, (long)unit.Symbol.Value, $"calls are nested more than {DeepestChain} deep at function '{unit.Name}'");
            }

            linker._relocator.Relocate(unit);
            int start = _instructions.Count;
            _places.Add(unit, start);
            _instructions.AddRange(unit.Instructions);
            _references.AddRange(unit.References.Select(r => r.MovedBy(start)));
            _poisoned.AddRange(unit.Poisoned.Select(p => p with { Index = start + p.Index }));
            AddInfo(unit, start);
            foreach (FunctionCall call in unit.Calls.OrderBy(static c => c.Index))
            {
                if (!_places.ContainsKey(call.Callee))
                {
                    Append(call.Callee, depth + 1);
                }

                int at = start + call.Index;
                BpfInstruction instruction = _instructions[at];
                instruction.Immediate = _places[call.Callee] - at - 1;
                _instructions[at] = instruction;
            }
        }

        public LinkedProgram Finish() => new(program, [.. _instructions], _references, [.. _functions], [.. _lines], _poisoned);

        private void AddInfo(CodeUnit unit, int start)
        {
            if (linker._spec.BtfExtension is not { } extension)
            {
                return;
            }

            foreach (BtfFunctionInfo info in extension.FunctionsWithin(unit.Section.Name, unit.Symbol.Value, unit.Symbol.Size))
            {
                _functions.Add(new LinkedFunction(Place(info.InstructionOffset), (uint)info.TypeId));
            }

            foreach (BtfLineInfo info in extension.LinesWithin(unit.Section.Name, unit.Symbol.Value, unit.Symbol.Size))
            {
                _lines.Add(new LinkedLine(Place(info.InstructionOffset), info.FileNameOffset, info.TextOffset, info.LineAndColumn));
            }

            uint Place(uint offset) => (uint)start + ((offset - (uint)unit.Symbol.Value) / BpfInstruction.Size);
        }
    }
}
