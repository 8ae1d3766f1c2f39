using Hypermesh.Bpf.Monitoring.Keeping;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Keeping;

public sealed class KeptStateTests
{
    [Fact]
    public void Values_are_read_as_they_were_written()
    {
        Span<byte> memory = new byte[256];
        var writer = new StateWriter(memory);
        writer.Write(7L);
        writer.WriteAll<uint>([1, 2, 3]);
        writer.Write("é");
        writer.Write((string?)null);
        int part = writer.Begin();
        writer.Write((1UL, 2UL));
        writer.End(part);
        Assert.True(writer.Fits);

        var reader = new StateReader(memory[..writer.Length].ToArray());
        Span<uint> three = stackalloc uint[3];
        Assert.Equal(7L, reader.Read<long>());
        reader.ReadAll(three);
        Assert.Equal([1u, 2u, 3u], three.ToArray());
        Assert.Equal("é", reader.ReadText());
        Assert.Null(reader.ReadText());
        Assert.Equal((1UL, 2UL), new StateReader(reader.ReadBytes()).Read<(ulong, ulong)>());
        Assert.True(reader.IsAtEnd);
    }

    [Fact]
    public void What_does_not_fit_is_left_out_and_its_length_is_known()
    {
        byte[] memory = new byte[16];
        var writer = new StateWriter(memory.AsSpan(0, 10));
        writer.Write(1L);
        int part = writer.Begin();
        writer.Write("text");
        writer.End(part);

        Assert.False(writer.Fits);
        Assert.Equal((4 + 8) + 4 + (4 + 4), writer.Length);
        Assert.Equal(0, BitConverter.ToInt64(memory, 8));
    }

    [Fact]
    public void A_value_of_another_size_is_refused()
    {
        byte[] memory = new byte[64];
        var writer = new StateWriter(memory);
        writer.Write((1UL, 2UL));

        Assert.Throws<InvalidDataException>(() => new StateReader(memory).Read<ulong>());
        Assert.Throws<InvalidDataException>(() => new StateReader(memory).Read<(ulong, ulong, ulong)>());
        Assert.Throws<InvalidDataException>(() => new StateReader(memory).ReadTime());
    }

    [Fact]
    public void Every_shorter_state_is_refused()
    {
        byte[] memory = new byte[64];
        var writer = new StateWriter(memory);
        writer.WriteAll<ulong>([1, 2]);
        writer.Write("name");
        int length = writer.Length;
        for (int shorter = 0; shorter < length; shorter++)
        {
            var reader = new StateReader(memory.AsMemory(0, shorter));
            Assert.Throws<InvalidDataException>(() =>
            {
                reader.ReadAll<ulong>(new ulong[2]);
                reader.ReadText();
            });
        }

        Assert.Throws<InvalidDataException>(() => new StateReader(memory.AsMemory(0, length)).ReadAll<ulong>(new ulong[3]));
    }
}
