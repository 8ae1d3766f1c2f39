using System.Buffers.Binary;
using System.Text;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>A field of a protobuf message, read without knowing the message: what the tests decode our writer's bytes with.</summary>
internal sealed record ProtobufField(int Number, ulong Value, byte[] Content)
{
    internal string Text => Encoding.UTF8.GetString(Content);

    internal double Double => BitConverter.UInt64BitsToDouble(Value);

    internal List<ProtobufField> Message => Read(Content);

    internal ulong[] Fixed64s => [.. Enumerable.Range(0, Content.Length / 8).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(Content.AsSpan(i * 8)))];

    internal static List<ProtobufField> Read(byte[] message)
    {
        var fields = new List<ProtobufField>();
        int at = 0;
        while (at < message.Length)
        {
            ulong tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    fields.Add(new ProtobufField((int)(tag >> 3), Varint(message, ref at), []));
                    break;
                case 1:
                    fields.Add(new ProtobufField((int)(tag >> 3), BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at)), []));
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint(message, ref at);
                    fields.Add(new ProtobufField((int)(tag >> 3), 0, message.AsSpan(at, length).ToArray()));
                    at += length;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
        }

        return fields;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte one = message[at++];
            value |= (ulong)(one & 0x7f) << shift;
            if (one < 0x80)
            {
                return value;
            }
        }
    }
}

/// <summary>The same for a list of fields.</summary>
internal static class ProtobufFields
{
    internal static ProtobufField One(this List<ProtobufField> fields, int number) => fields.Single(field => field.Number == number);

    internal static IEnumerable<ProtobufField> All(this List<ProtobufField> fields, int number) => fields.Where(field => field.Number == number);
}
