using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>
/// Rewrites the types of externs to a form that the kernel accepts, because its BTF cannot express "defined elsewhere". Options become variables of the map
/// that contains them. Symbols become integers, and functions become global ones with named parameters. Their section becomes a struct, because a data section
/// cannot contain functions. Every record keeps its offset.
/// </summary>
internal sealed class ExternTypes(BpfObjectSpec spec, BtfTypes types, byte[] blob, int typesStart)
{
    private const int HeaderSize = 12;
    private const int EntrySize = 12;
    private const int ParameterSize = 8;
    private const uint GlobalLinkage = 1;

    /// <summary>Fills in a section of externs.</summary>
    /// <returns>False for any other section.</returns>
    public bool TryFill(BtfType section)
    {
        switch (section.Name)
        {
            case ExternReader.KernelConfigSection when spec.KernelConfig is not null:
                FillOptions(section);
                return true;
            case ExternReader.KernelSymbolSection when spec.Externs.Count > 0:
                FillSymbols(section);
                return true;
            default:
                return false;
        }
    }

    private void FillOptions(BtfType section)
    {
        var entries = new List<(int TypeId, int Offset, int Size)>(section.Length);
        for (int i = 0; i < section.Length; i++)
        {
            BtfType variable = types[section.SectionVariable(i).TypeId];
            BpfGlobalVariable place = spec.KernelConfig!.FindVariable(variable.Name)
                ?? throw new BpfObjectFormatException(spec.Name, ".BTF", null, $"option '{variable.Name}' is in BTF but not in the symbol table");
            Write(variable, HeaderSize, GlobalLinkage);
            entries.Add((variable.Id, place.Offset, place.Size));
        }

        Write(section, 8, (uint)spec.KernelConfig!.Size);
        int at = HeaderSize;
        foreach ((int typeId, int offset, int size) in entries.OrderBy(static e => e.Offset))
        {
            Write(section, at, (uint)typeId);
            Write(section, at + 4, (uint)offset);
            Write(section, at + 8, (uint)size);
            at += EntrySize;
        }
    }

    private void FillSymbols(BtfType section)
    {
        int integer = FindInteger();
        for (int i = 0; i < section.Length; i++)
        {
            BtfType symbol = types[section.SectionVariable(i).TypeId];
            if (symbol.Kind == BtfKind.Function)
            {
                NameParameters(types[symbol.TypeId], symbol.NameOffset);
                Write(symbol, 4, ((uint)BtfKind.Function << 24) | GlobalLinkage);
            }
            else
            {
                Write(symbol, 8, (uint)integer);
                Write(symbol, HeaderSize, GlobalLinkage);
            }

            // A struct member: no name, its type, its bit offset.
            Write(section, HeaderSize + (i * EntrySize), 0);
            Write(section, HeaderSize + (i * EntrySize) + 4, (uint)integer);
            Write(section, HeaderSize + (i * EntrySize) + 8, (uint)i * 32);
        }

        Write(section, 0, 0);
        Write(section, 4, ((uint)BtfKind.Struct << 24) | (uint)section.Length);
        Write(section, 8, (uint)section.Length * sizeof(int));
    }

    // The compiler omits the parameter names of a declaration, and the kernel requires them.
    private void NameParameters(BtfType prototype, uint name)
    {
        for (int i = 0; i < prototype.Length; i++)
        {
            BtfParameter parameter = prototype.Parameter(i);
            if (parameter.TypeId != 0 && parameter.NameOffset == 0)
            {
                Write(prototype, HeaderSize + (i * ParameterSize), name);
            }
        }
    }

    private int FindInteger()
    {
        for (int id = types.FirstId; id < types.Count; id++)
        {
            BtfType type = types[id];
            if (type.Kind == BtfKind.Int && type.Size == sizeof(int) && type.IntBits == 32)
            {
                return id;
            }
        }

        throw new BpfObjectFormatException(spec.Name, ".BTF", null, "the BTF has no 32-bit integer type, which __ksym symbols require");
    }

    private void Write(BtfType type, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(typesStart + (int)type.Offset + offset), value);
}
