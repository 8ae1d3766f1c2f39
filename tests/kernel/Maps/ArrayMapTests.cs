namespace Hypermesh.Bpf.Tests.Kernel.Maps;

public sealed class ArrayMapTests : KernelTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [Row("maps", "ARRAY")]
    public void Elements_are_read_one_by_one_and_all_at_once(int count)
    {
        var map = new BpfArrayMap<(uint, uint)>(Create(BpfMapType.Array, 4, 8, (uint)count));
        for (int i = 0; i < count; i++)
        {
            map[i] = ((uint)i, 7);
        }

        Assert.Equal(((uint)(count - 1), 7u), map[count - 1]);
        var all = new (uint, uint)[count];
        map.CopyTo(all);
        Assert.Equal(Enumerable.Range(0, count).Select(i => ((uint)i, 7u)), all);
        Assert.Equal(Enumerable.Range(0, count), map.Select(entry => entry.Key));
        Assert.Throws<ArgumentOutOfRangeException>(() => map[count]);
        Assert.Throws<ArgumentOutOfRangeException>(() => map[-1]);
        Assert.Throws<ArgumentException>(() => map.CopyTo(new (uint, uint)[count - 1]));
    }
}
