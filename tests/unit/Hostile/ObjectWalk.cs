using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Btf.CSource;
using Hypermesh.Bpf.Objects.BtfSanitizing;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Objects.StaticLinking;

namespace Hypermesh.Bpf.Tests.Unit.Hostile;

/// <summary>Asks everything that can be asked of an object, so that whatever is wrong in it is met.</summary>
internal static class ObjectWalk
{
    private static readonly byte[] s_partner = TestData.Bytes("link-second.bpf.o");

    public static void Whole(byte[] image, BtfTypes kernel) => Each(() => Together(image), () => Alone(image, kernel));

    // Which of two a name is, and whether they agree, is asked of what may be damaged; that they may not go together is no damage.
    private static void Together(byte[] image)
    {
        byte[] linked;
        try
        {
            linked = BpfLinker.Link([(image, "mutant"), (s_partner, "partner")], "linked");
        }
        catch (BpfException)
        {
            return;
        }

        _ = ElfObject.Read(linked, "linked").Symbols.Count;
    }

    private static void Alone(byte[] image, BtfTypes kernel)
    {
        ElfObject elf = ElfObject.Read(image, "mutant");
        foreach (ElfSection section in elf.Sections)
        {
            _ = elf.RelocationsOf(section).Count;
        }

        if (elf.FindSection(".BTF") is { } btf)
        {
            // As everything does that reads a file from an unknown source.
            BtfTypes types = BtfTypes.Read(btf.Data, "mutant");
            types.CheckNames();
            Types(types);
        }

        BpfObjectSpec spec = BpfObjectSpec.Read(image, "mutant");
        Code(spec);
        if (spec.Btf is null || !elf.IsLittleEndian)
        {
            return;
        }

        Each(
            () => Sanitized(spec),
            () => new BtfCWriter(spec.Btf, TextWriter.Null).WriteHeader(),
            () => Link(spec, kernel));
    }

    // What one part refuses is no reason not to ask the others.
    private static void Each(params Action[] parts)
    {
        BpfException? refused = null;
        foreach (Action part in parts)
        {
            try
            {
                part();
            }
            catch (BpfException reason)
            {
                refused = reason;
            }
        }

        if (refused is not null)
        {
            throw refused;
        }
    }

    private static void Code(BpfObjectSpec spec)
    {
        var disassembler = new BpfDisassembler();
        foreach (ElfSection section in spec.Elf.Sections.Where(static section => section.IsExecutable))
        {
            ReadOnlySpan<byte> code = section.Data.Span;
            _ = disassembler.Disassemble(MemoryMarshal.Cast<byte, BpfInstruction>(code[..(code.Length / BpfInstruction.Size * BpfInstruction.Size)])).Count;
        }
    }

    private static void Sanitized(BpfObjectSpec spec)
    {
        byte[] blob = LoadableBtf.Create(spec)!;
        _ = BtfSanitizer.Needs(BtfTypes.Read(blob, "mutant"));
        BtfTypes oldest = BtfTypes.Read(BtfSanitizer.Apply(blob, "mutant", BtfAbilities.None), "mutant");
        if (BtfSanitizer.Needs(oldest) != BtfAbilities.None)
        {
            throw new InvalidOperationException("what was sanitised needs it still");
        }
    }

    private static void Link(BpfObjectSpec spec, BtfTypes kernel)
    {
        var linker = new ProgramLinker(spec, [kernel]);
        Each([.. spec.Programs.Select(program => (Action)(() => _ = linker.Link(program).Instructions.Length))]);
    }

    public static void Types(BtfTypes types)
    {
        for (int id = 0; id < types.Count; id++)
        {
            Type(types, types[id]);
        }

        _ = types.Find("event", BtfKind.Struct);
    }

    private static void Type(BtfTypes types, BtfType type)
    {
        _ = type.Name;
        _ = types.SkipModifiers(type.Id);
        if (type.Kind is not (BtfKind.Forward or BtfKind.DeclarationTag))
        {
            _ = Refused(() => types.SizeOf(type.Id));
        }

        for (int i = 0; i < type.Length; i++)
        {
            _ = type.Kind switch
            {
                BtfKind.Struct or BtfKind.Union => types.GetString(type.Member(i).NameOffset),
                BtfKind.Enum or BtfKind.Enum64 => types.GetString(type.EnumValue(i).NameOffset),
                BtfKind.FunctionPrototype => types.GetString(type.Parameter(i).NameOffset),
                BtfKind.DataSection => types[type.SectionVariable(i).TypeId].Name,
                _ => "",
            };
        }

        _ = type.Kind switch
        {
            BtfKind.Array => type.Array.ElementTypeId,
            BtfKind.Int => type.IntBits,
            BtfKind.Variable => type.Linkage,
            BtfKind.DeclarationTag => type.DeclarationTagComponent,
            _ => 0,
        };
    }

    // An array of a forward declaration has no size, and may say so.
    private static bool Refused(Func<long> ask)
    {
        try
        {
            return ask() < 0;
        }
        catch (BpfObjectFormatException)
        {
            return true;
        }
    }
}
