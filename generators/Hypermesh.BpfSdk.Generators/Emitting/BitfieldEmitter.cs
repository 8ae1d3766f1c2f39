using System.Globalization;
using System.Numerics;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes a bitfield's property over the hidden fields that hold its bits. All arithmetic is in 64 bits, or in 128 where the bits are in more than eight bytes.</summary>
internal static class BitfieldEmitter
{
    private const string UInt128 = "global::System.UInt128";
    private const string Int128 = "global::System.Int128";

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
        EmitSet(writer, field, bits);
        writer.Close();
    }

    private static bool IsWide(BitfieldModel bits) => bits.Storage.Count > 8;

    private static string Word(BitfieldModel bits) => IsWide(bits) ? UInt128 : "ulong";

    private static string Read(FieldModel field, BitfieldModel bits)
    {
        string word = Word(bits);
        string all = string.Join(" | ", bits.Storage.Select((storage, i) => i == 0 ? $"({word}){storage.Name}" : $"(({word}){storage.Name} << {i * 8})"));
        if (bits.IsSigned)
        {
            // Shifted left to the top, so that the shift right extends the sign.
            int size = IsWide(bits) ? 128 : 64;
            return $"({field.Type})(({(IsWide(bits) ? Int128 : "long")})(({all}) << {size - bits.Shift - bits.Width}) >> {size - bits.Width})";
        }

        string value = $"(({all}) >> {bits.Shift}) & {Literal(Mask(bits.Width), IsWide(bits))}";
        return bits.IsBoolean ? $"({value}) != 0" : $"({field.Type})({value})";
    }

    private static void EmitSet(SourceWriter writer, FieldModel field, BitfieldModel bits)
    {
        BigInteger mask = Mask(bits.Width) << bits.Shift;
        string value = bits.IsBoolean ? "(value ? 1UL : 0UL)" : IsWide(bits) && field.Size > 8 ? $"({UInt128})value" : "(ulong)value";
        value = IsWide(bits) && !value.StartsWith($"({UInt128})", StringComparison.Ordinal) ? $"({UInt128}){value}" : value;
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
            int shift = bits.Shift - (i * 8);
            string moved = IsWide(bits) ? $"(ulong)({Moved(value, shift)})" : Moved(value, shift);
            writer.Line($"{name} = unchecked((byte)({Merged(name, moved, (mask >> (i * 8)) & 0xff)}));");
        }

        writer.Close();
    }

    private static string Merge(string storage, string value, int shift, BigInteger mask) => Merged(storage, Moved(value, shift), mask);

    private static string Moved(string value, int shift) => shift >= 0 ? $"({value} << {shift})" : $"({value} >> {-shift})";

    private static string Merged(string storage, string moved, BigInteger mask)
        => $"((ulong){storage} & ~{Literal(mask, isWide: false)}) | ({moved} & {Literal(mask, isWide: false)})";

    private static BigInteger Mask(int width) => (BigInteger.One << width) - 1;

    private static string Literal(BigInteger mask, bool isWide)
    {
        if (!isWide)
        {
            return CSharpLiterals.Mask((ulong)mask);
        }

        string low = CSharpLiterals.Mask((ulong)(mask & ulong.MaxValue));
        return string.Format(CultureInfo.InvariantCulture, "new {0}({1}, {2})", UInt128, CSharpLiterals.Mask((ulong)(mask >> 64)), low);
    }
}
