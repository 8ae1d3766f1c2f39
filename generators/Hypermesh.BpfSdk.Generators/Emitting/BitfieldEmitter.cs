using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes a bitfield's property over the hidden fields that hold its bits. All arithmetic is in 64 bits.</summary>
internal static class BitfieldEmitter
{
    public static string StorageType(FieldLayout storage) => storage.Size switch
    {
        1 => "byte",
        2 => "ushort",
        4 => "uint",
        _ => "ulong",
    };

    public static void Emit(SourceWriter writer, FieldModel field, BitfieldModel bits, string summary)
    {
        writer.Line(summary).Open(SourcePlace.Map(field.Note, $"public {field.Type} {field.Name}"));
        writer.Line($"readonly get => unchecked({Read(field, bits)});");
        EmitSet(writer, bits);
        writer.Close();
    }

    private static string Read(FieldModel field, BitfieldModel bits)
    {
        string all = string.Join(" | ", bits.Storage.Select((storage, i) => i == 0 ? $"(ulong){storage.Name}" : $"((ulong){storage.Name} << {i * 8})"));
        if (bits.IsSigned)
        {
            // Up to the top, so that the way down brings the sign along.
            return $"({field.Type})((long)(({all}) << {64 - bits.Shift - bits.Width}) >> {64 - bits.Width})";
        }

        string value = $"(({all}) >> {bits.Shift}) & {CSharpLiterals.Mask(Mask(bits.Width))}";
        return bits.IsBoolean ? $"({value}) != 0" : $"({field.Type})({value})";
    }

    private static void EmitSet(SourceWriter writer, BitfieldModel bits)
    {
        ulong mask = Mask(bits.Width) << bits.Shift;
        string value = bits.IsBoolean ? "(value ? 1UL : 0UL)" : "(ulong)value";
        if (bits.Storage.Count == 1)
        {
            FieldLayout storage = bits.Storage[0];
            writer.Line($"set => {storage.Name} = unchecked(({StorageType(storage)})({Merge(storage.Name, value, bits.Shift, mask)}));");
            return;
        }

        writer.Open("set");
        for (int i = 0; i < bits.Storage.Count; i++)
        {
            string name = bits.Storage[i].Name;
            writer.Line($"{name} = unchecked((byte)({Merge(name, value, bits.Shift - (i * 8), (mask >> (i * 8)) & 0xff)}));");
        }

        writer.Close();
    }

    private static string Merge(string storage, string value, int shift, ulong mask)
    {
        string moved = shift >= 0 ? $"({value} << {shift})" : $"({value} >> {-shift})";
        return $"((ulong){storage} & ~{CSharpLiterals.Mask(mask)}) | ({moved} & {CSharpLiterals.Mask(mask)})";
    }

    private static ulong Mask(int width) => width >= 64 ? ulong.MaxValue : (1UL << width) - 1;
}
