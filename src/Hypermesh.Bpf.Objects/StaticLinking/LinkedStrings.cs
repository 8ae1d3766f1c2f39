using System.Text;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>The strings of the linked BTF, each once; the first is the empty string.</summary>
internal sealed class LinkedStrings
{
    // One character per byte, so strings in any encoding stay unchanged.
    private static readonly Encoding s_bytes = Encoding.GetEncoding("iso-8859-1");

    private readonly Dictionary<string, uint> _offsets = new(StringComparer.Ordinal) { [""] = 0 };
    private readonly List<byte> _bytes = [0];
    private readonly Dictionary<LinkInput, Dictionary<uint, uint>> _moved = [];
    private readonly long _largest;

    public LinkedStrings(IReadOnlyList<LinkInput> inputs)
        : this(inputs.Sum(static input => 2L * (input.Types?.Strings.Length ?? 0) + input.Elf.Sections.Sum(static section => section.Name.Length + 1)))
    {
    }

    /// <param name="expected">The approximate total length of the strings of the inputs, in bytes.</param>
    public LinkedStrings(long expected)
    {
        // Overlapping strings of an input become separate strings here, so their total length is limited.
        const long Room = 1 << 16;
        _largest = Room + expected;
    }

    /// <summary>True when the strings are longer than those of all inputs together.</summary>
    public bool IsTooLarge => _bytes.Count > _largest;

    public byte[] ToArray() => [.. _bytes];

    /// <summary>Returns the new offset of a string of an object, and adds the string if it is new.</summary>
    public uint Move(LinkInput input, uint offset)
    {
        if (!_moved.TryGetValue(input, out Dictionary<uint, uint>? moved))
        {
            moved = [];
            _moved.Add(input, moved);
        }

        if (!moved.TryGetValue(offset, out uint place))
        {
            place = Add(s_bytes.GetString(input.Types!.GetStringBytes(offset).ToArray()));
            if (IsTooLarge)
            {
                throw input.Format(".BTF", "its strings overlap");
            }

            moved.Add(offset, place);
        }

        return place;
    }

    /// <summary>Returns the offset of a name, and adds the name if it is new.</summary>
    public uint Name(string name) => Add(s_bytes.GetString(Encoding.UTF8.GetBytes(name)));

    private uint Add(string text)
    {
        if (!_offsets.TryGetValue(text, out uint offset))
        {
            offset = (uint)_bytes.Count;
            _bytes.AddRange(s_bytes.GetBytes(text));
            _bytes.Add(0);
            _offsets.Add(text, offset);
        }

        return offset;
    }
}
