using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Relocation;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects.ProgramLinking;

/// <summary>
/// Resolves the references of one function: CO-RE relocations with the kernel's types, symbols with maps, globals and functions. Calls are only recorded, because
/// they depend on the positions of functions in the linked program.
/// </summary>
internal sealed class UnitRelocator(BpfObjectSpec spec, CodeUnitTable units, CoreRelocator? core)
{
    private const uint WideLoadRelocation = 1;
    private const uint CallRelocation = 10;

    private readonly JumpTableReader _tables = new(spec.Elf);
    private readonly Dictionary<int, BpfExternSpec> _externs = spec.Externs.ToDictionary(static one => one.SymbolIndex);
    private readonly Dictionary<int, BpfDataSectionSpec> _dataSections = spec.DataSections.ToDictionary(static section => section.SectionIndex);
    private readonly ILookup<int, BpfMapSpec> _maps = spec.Maps.ToLookup(static map => map.SectionOffset);

    public void Relocate(CodeUnit unit)
    {
        if (unit.Failure is { } failure)
        {
            throw failure;
        }

        if (unit.IsRelocated)
        {
            return;
        }

        try
        {
            RelocateOnce(unit);
            unit.IsRelocated = true;
        }
        catch (BpfException reason)
        {
            // The failed program may be optional, so linking continues. Another program that calls this function must not get it partly relocated.
            unit.Failure = reason;
            throw;
        }
    }

    private void RelocateOnce(CodeUnit unit)
    {
        ApplyCore(unit);
        var symbolic = new HashSet<int>();
        foreach (ElfRelocation relocation in spec.Elf.RelocationsWithin(unit.Section, unit.Symbol.Value, unit.Symbol.Size))
        {
            long offset = (long)(relocation.Offset - unit.Symbol.Value);
            if (offset % BpfInstruction.Size != 0)
            {
                throw Format(unit, (int)(offset / BpfInstruction.Size), "a relocation is not at the start of an instruction");
            }

            int index = (int)(offset / BpfInstruction.Size);
            symbolic.Add(index);
            Apply(unit, index, relocation);
        }

        AddCallsWithinSection(unit, symbolic);
    }

    private void ApplyCore(CodeUnit unit)
    {
        if (spec.BtfExtension is not { } extension)
        {
            return;
        }

        foreach (CoreRelocation relocation in extension.RelocationsWithin(unit.Section.Name, unit.Symbol.Value, unit.Symbol.Size))
        {
            if (core is null)
            {
                throw new BpfException($"object {spec.Name} has CO-RE relocations, but no kernel types were given to resolve them", spec.Name, unit.Name);
            }

            int index = (int)((relocation.InstructionOffset - unit.Symbol.Value) / BpfInstruction.Size);
            CoreOutcome outcome = core.Apply(relocation, unit.Instructions, index, unit.Name);
            if (outcome.IsPoisoned)
            {
                unit.Poisoned.Add(new PoisonedInstruction(index, $"the running kernel has nothing that matches {core.Target(relocation)}"));
            }
        }
    }

    private void Apply(CodeUnit unit, int index, ElfRelocation relocation)
    {
        ElfSymbol symbol = spec.Elf.Symbols[relocation.SymbolIndex];
        if (symbol.SectionIndex == 0 || symbol.SectionIndex >= spec.Elf.Sections.Count)
        {
            ApplyExtern(unit, index, symbol);
            return;
        }

        ElfSection target = spec.Elf.Sections[symbol.SectionIndex];
        ref BpfInstruction instruction = ref unit.Instructions[index];
        switch (relocation.Type)
        {
            case CallRelocation when instruction.IsCall:
                // The distance is counted from the instruction after the call, so a call of the symbol itself contains -1.
                unit.Calls.Add(new FunctionCall(index, units.Get(target, (long)(symbol.Value / BpfInstruction.Size) + instruction.Immediate + 1)));
                break;
            case WideLoadRelocation when instruction.IsWideLoad && index + 1 < unit.Instructions.Length:
                ApplyWideLoad(unit, index, symbol, target);
                break;
            default:
                throw Format(unit, index, $"relocation type {relocation.Type} is not valid for instruction 0x{instruction.OpCode:x2}");
        }
    }

    private void ApplyExtern(CodeUnit unit, int index, ElfSymbol symbol)
    {
        if (!_externs.TryGetValue(symbol.Index, out BpfExternSpec? target))
        {
            throw Format(unit, index, $"it refers to '{symbol.Name}', which is neither defined nor declared extern");
        }

        ref BpfInstruction instruction = ref unit.Instructions[index];
        if (instruction.IsCall && target.Kind == BpfExternKind.Function)
        {
            instruction.Source = BpfOpCode.PseudoKernelFunction;
            instruction.Immediate = 0;
            unit.References.Add(new InstructionReference(index, ReferenceKind.KernelFunction, null, null) { Extern = target });
            return;
        }

        if (!instruction.IsWideLoad || index + 1 >= unit.Instructions.Length)
        {
            throw Format(unit, index, $"instruction 0x{instruction.OpCode:x2} cannot refer to extern '{target.Name}'");
        }

        instruction.Immediate = 0;
        unit.Instructions[index + 1].Immediate = target.Config?.Offset ?? 0;
        if (target.Config is not null)
        {
            instruction.Source = BpfOpCode.PseudoMapValue;
        }

        unit.References.Add(target.Config is null
            ? new InstructionReference(index, ReferenceKind.KernelSymbol, null, null) { Extern = target }
            : new InstructionReference(index, ReferenceKind.DataSection, null, spec.KernelConfig));
    }

    private void ApplyWideLoad(CodeUnit unit, int index, ElfSymbol symbol, ElfSection target)
    {
        ref BpfInstruction low = ref unit.Instructions[index];
        ref BpfInstruction high = ref unit.Instructions[index + 1];
        if (target.IsExecutable)
        {
            long callee = (long)(symbol.Value / BpfInstruction.Size) + (low.Immediate / BpfInstruction.Size);
            low.Source = BpfOpCode.PseudoFunction;
            unit.Calls.Add(new FunctionCall(index, units.Get(target, callee)));
            return;
        }

        if (_dataSections.TryGetValue(target.Index, out BpfDataSectionSpec? section))
        {
            long place = unchecked((long)symbol.Value) + low.Immediate;
            if (symbol.Value > int.MaxValue || place is < int.MinValue or > int.MaxValue)
            {
                throw Format(unit, index, $"it refers to byte {place} of section {target.Name}, which has only {target.Size} bytes");
            }

            low.Source = BpfOpCode.PseudoMapValue;
            high.Immediate = (int)place;
            low.Immediate = 0;
            unit.References.Add(new InstructionReference(index, ReferenceKind.DataSection, null, section));
            return;
        }

        if (target.Name == JumpTableReader.Section)
        {
            low.Source = BpfOpCode.PseudoMapValue;
            high.Immediate = low.Immediate;
            low.Immediate = 0;
            unit.References.Add(new InstructionReference(index, ReferenceKind.JumpTable, null, null) { JumpTable = _tables.Read(target, symbol, unit) });
            return;
        }

        long mapPlace = (long)symbol.Value + (symbol.Type == ElfSymbolType.Section ? low.Immediate : 0);
        BpfMapSpec map = (target.Name == ".maps" && mapPlace is >= 0 and <= int.MaxValue ? _maps[(int)mapPlace].FirstOrDefault() : null)
            ?? throw Format(unit, index, $"it refers to '{symbol.Name}' in section {target.Name}, which is neither a map nor a data section");
        low.Source = BpfOpCode.PseudoMap;
        low.Immediate = 0;
        unit.References.Add(new InstructionReference(index, ReferenceKind.Map, map, null));
    }

    // clang itself resolves calls of static functions in the same section, so they have no relocation.
    private void AddCallsWithinSection(CodeUnit unit, HashSet<int> symbolic)
    {
        for (int i = 0; i < unit.Instructions.Length; i++)
        {
            ref BpfInstruction instruction = ref unit.Instructions[i];
            if (instruction.IsWideLoad)
            {
                i++;
            }
            else if (instruction.IsCall && instruction.Source == BpfOpCode.PseudoCall && !symbolic.Contains(i))
            {
                unit.Calls.Add(new FunctionCall(i, units.Get(unit.Section, (long)unit.FirstIndex + i + instruction.Immediate + 1)));
            }
        }
    }

    private BpfObjectFormatException Format(CodeUnit unit, int index, string problem)
        => new(spec.Name, unit.Section.Name, (long)unit.Symbol.Value + ((long)index * BpfInstruction.Size), $"function '{unit.Name}', instruction {index}: {problem}");
}
