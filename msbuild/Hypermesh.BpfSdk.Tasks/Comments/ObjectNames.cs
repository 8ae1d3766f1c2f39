using System.Buffers.Binary;
using System.Text;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.BpfSdk.Skeletons.Carriers;

namespace Hypermesh.BpfSdk.Tasks.Comments;

/// <summary>
/// The names in an object's BTF. Declarations of a header that the object does not have are kept out of the carrier: a changed comment there would
/// change the carrier and start the C# compilation without need.
/// </summary>
internal sealed class ObjectNames
{
    private const int HeaderSize = 24;
    private const ushort Magic = 0xeb9f;
    private static readonly string[] s_keywords = ["struct ", "union ", "enum "];

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Reads the names; an object without BTF, or with a damaged one, has none.</summary>
    public ObjectNames(byte[] image, string fileName)
    {
        ReadOnlySpan<byte> types = ElfObject.Read(image, fileName).FindSection(".BTF") is { } section ? section.Data.Span : default;
        bool isLittleEndian = types.Length >= HeaderSize && BinaryPrimitives.ReadUInt16LittleEndian(types) == Magic;
        if (types.Length < HeaderSize || (!isLittleEndian && BinaryPrimitives.ReadUInt16BigEndian(types) != Magic))
        {
            return;
        }

        // The header's size, and where its strings are after it.
        long start = (long)Number(types.Slice(4), isLittleEndian) + Number(types.Slice(16), isLittleEndian);
        long length = Number(types.Slice(20), isLittleEndian);
        if (start + length <= types.Length)
        {
            _names.UnionWith(Encoding.UTF8.GetString(types.Slice((int)start, (int)length).ToArray()).Split('\0'));
        }
    }

    /// <summary>Returns true for a line of a carrier that is about something in the object, or is not about a declaration.</summary>
    public bool Has(string line)
    {
        if (!CarrierFormat.Has(line, CarrierFormat.Declaration))
        {
            return true;
        }

        string key = line.Substring(0, Math.Max(line.IndexOf('\t'), 0));
        key = key.Substring(key.IndexOf(' ') + 1);
        string path = s_keywords.FirstOrDefault(word => key.StartsWith(word, StringComparison.Ordinal)) is { } keyword ? key.Substring(keyword.Length) : key;
        return path.Split('.').All(_names.Contains);
    }

    private static uint Number(ReadOnlySpan<byte> bytes, bool isLittleEndian)
        => isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
