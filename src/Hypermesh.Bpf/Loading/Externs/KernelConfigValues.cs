using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>Writes the values of options into <c>.kconfig</c>, in the types that the C declares; a value that does not fit is an error, as in libbpf.</summary>
internal sealed class KernelConfigValues(BpfObjectSpec spec)
{
    private const string OptionPrefix = "CONFIG_";

    private readonly byte[] _image = new byte[spec.KernelConfig?.Size ?? 0];
    private readonly Dictionary<string, BpfExternSpec> _missing = spec.Externs.Where(static e => e.Config is not null).ToDictionary(static e => e.Name, StringComparer.Ordinal);

    /// <summary>The section's contents.</summary>
    internal byte[] Image => _image;

    /// <summary>The options without a value so far.</summary>
    internal IEnumerable<BpfExternSpec> Missing => _missing.Values;

    /// <summary>True for options of the kernel's build, false for the loader's own.</summary>
    internal static bool IsOption(BpfExternSpec one) => one.Name.StartsWith(OptionPrefix, StringComparison.Ordinal);

    /// <summary>Takes the values of missing options from lines <c>CONFIG_NAME=value</c>; all other lines are ignored.</summary>
    internal void Take(string text)
    {
        foreach (ReadOnlySpan<char> ended in text.AsSpan().EnumerateLines())
        {
            if (!ended.StartsWith(OptionPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            int equals = ended.IndexOf('=');
            if (equals < 0 || equals == ended.Length - 1)
            {
                throw new BpfException($"Object {spec.Name}: the kernel's configuration has a line without a value: '{ended}'.", spec.Name, null);
            }

            if (_missing.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(ended[..equals], out BpfExternSpec? option))
            {
                Set(option, ended[(equals + 1)..].ToString());
            }
        }
    }

    /// <summary>Sets a number, in any integer type that it fits.</summary>
    internal void Set(BpfExternSpec option, ulong value, string? text = null)
    {
        KernelConfigVariable place = option.Config!;
        if (place.Type is KernelConfigType.Tristate or KernelConfigType.Text || (place.Type == KernelConfigType.Boolean && value > 1))
        {
            throw Misfit(option, text ?? value.ToString(CultureInfo.InvariantCulture));
        }

        if (!IsInRange(place, value))
        {
            throw new BpfException($"Object {spec.Name}: {option.Name} is {text ?? value.ToString(CultureInfo.InvariantCulture)} in the kernel's configuration, which does not fit the {place.Size} bytes the C declares.", spec.Name, option.Name);
        }

        Write(option, value);
    }

    private void Set(BpfExternSpec option, string value)
    {
        switch (value[0])
        {
            case 'y' or 'n' or 'm':
                SetLetter(option, value);
                break;
            case '"':
                SetText(option, value);
                break;
            default:
                // Only the loader's own options convert a number to bool; for the kernel's options that would hide a mistake.
                if (option.Config!.Type is not (KernelConfigType.Integer or KernelConfigType.Character) || CNumber.TryParse(value) is not { } number)
                {
                    throw Misfit(option, value);
                }

                Set(option, number, value);
                break;
        }
    }

    private void SetLetter(BpfExternSpec option, string value)
    {
        char letter = value[0];
        Write(option, option.Config!.Type switch
        {
            KernelConfigType.Boolean when letter != 'm' => letter == 'y' ? 1u : 0,
            KernelConfigType.Tristate => letter == 'y' ? 1u : letter == 'm' ? 2u : 0,
            KernelConfigType.Character => letter,
            _ => throw Misfit(option, value),
        });
    }

    private void SetText(BpfExternSpec option, string value)
    {
        KernelConfigVariable place = option.Config!;
        if (place.Type != KernelConfigType.Text || value.Length < 2 || value[^1] != '"')
        {
            throw Misfit(option, value);
        }

        // Cut to the size in the C, including the final NUL.
        byte[] text = Encoding.UTF8.GetBytes(value[1..^1]);
        text.AsSpan(0, Math.Min(text.Length, place.Size - 1)).CopyTo(_image.AsSpan(place.Offset));
        _missing.Remove(option.Name);
    }

    private void Write(BpfExternSpec option, ulong value)
    {
        KernelConfigVariable place = option.Config!;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes[..place.Size].CopyTo(_image.AsSpan(place.Offset));
        _missing.Remove(option.Name);
    }

    private static bool IsInRange(KernelConfigVariable place, ulong value)
    {
        int bits = place.Size * 8;
        return bits == 64 || (place.IsSigned ? unchecked(value + (1ul << (bits - 1))) < 1ul << bits : value >> bits == 0);
    }

    private BpfException Misfit(BpfExternSpec option, string value)
        => new($"Object {spec.Name}: {option.Name} is {value} in the kernel's configuration, but the C declares it as {Describe(option.Config!)}.", spec.Name, option.Name);

    private static string Describe(KernelConfigVariable place) => place.Type switch
    {
        KernelConfigType.Boolean => "bool, which holds y and n",
        KernelConfigType.Tristate => "enum libbpf_tristate, which holds y, n and m",
        KernelConfigType.Character => "char, which holds a letter or a small number",
        KernelConfigType.Text => "an array of char, which holds text in quotes",
        _ => $"an integer of {place.Size} bytes, which holds a number",
    };
}

/// <summary>Parses a number like C's <c>strtoull</c> with base 0: 10, -10, 0x10, 010; a negative one is its two's complement.</summary>
internal static class CNumber
{
    /// <summary>Returns the number; null if the text is not a number, or has more than 64 bits.</summary>
    internal static ulong? TryParse(string text)
    {
        ReadOnlySpan<char> digits = text.AsSpan().TrimStart();
        bool negative = digits.StartsWith("-", StringComparison.Ordinal);
        if (negative || digits.StartsWith("+", StringComparison.Ordinal))
        {
            digits = digits[1..];
        }

        ulong? value = digits switch
        {
            ['0', 'x' or 'X', ..] => ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex) ? hex : null,
            ['0', _, ..] => Octal(digits),
            _ => ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong plain) ? plain : null,
        };
        return negative && value is { } magnitude ? unchecked(0 - magnitude) : value;
    }

    private static ulong? Octal(ReadOnlySpan<char> digits)
    {
        ulong value = 0;
        foreach (char digit in digits)
        {
            if (digit is < '0' or > '7' || value >> 61 != 0)
            {
                return null;
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return value;
    }
}
