using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Maps;

/// <summary>Which calls suppress the transition of the garbage collector: only those on a list, for maps whose elements are small.</summary>
public sealed unsafe class ShortCallTests
{
    private static readonly BpfMapType[] s_listed =
        [BpfMapType.Array, BpfMapType.Hash, BpfMapType.LruHash, BpfMapType.PerCpuArray, BpfMapType.PerCpuHash, BpfMapType.LruPerCpuHash];

    private readonly ScriptedKernel _kernel = new();

    public static TheoryData<BpfMapType> Types => [.. Enum.GetValues<BpfMapType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Only_known_kinds_of_maps_have_short_calls(BpfMapType type)
    {
        HashSet<BpfCommand> expected = !s_listed.Contains(type) ? []
            : type is BpfMapType.Array or BpfMapType.PerCpuArray
                ? [BpfCommand.MapLookupElement, BpfCommand.MapUpdateElement, BpfCommand.MapDeleteElement, BpfCommand.MapLookupAndDeleteElement, BpfCommand.MapGetNextKey]
                : [BpfCommand.MapLookupElement, BpfCommand.MapUpdateElement, BpfCommand.MapDeleteElement, BpfCommand.MapLookupAndDeleteElement];
        Assert.Equal(expected.Order(), Short(new BpfMapDefinition("m", type, 4, 8, 10)).Order());
    }

    [Theory]
    [InlineData(BpfMapType.Array, 4, 4092, false)]
    [InlineData(BpfMapType.Array, 4, 4088, true)]
    [InlineData(BpfMapType.Array, 4, 4085, true)]
    [InlineData(BpfMapType.Hash, 512, 3584, true)]
    [InlineData(BpfMapType.Hash, 512, 3585, false)]
    [InlineData(BpfMapType.LruHash, 4, int.MaxValue, false)]
    [InlineData(BpfMapType.PerCpuArray, 4, 1016, true)]
    [InlineData(BpfMapType.PerCpuArray, 4, 1024, false)]
    [InlineData(BpfMapType.PerCpuHash, 4, 1017, false)]
    [InlineData(BpfMapType.LruPerCpuHash, 4, 4088, false)]
    public void Values_copied_in_a_short_call_are_small(BpfMapType type, int key, int value, bool isShort)
        => Assert.Equal(isShort, Short(new BpfMapDefinition("m", type, key, value, 10)).Contains(BpfCommand.MapLookupElement));

    [Theory]
    [InlineData(BpfMapType.Array)]
    [InlineData(BpfMapType.Hash)]
    public void Values_with_fields_of_the_kernel_have_no_short_calls_that_free_them(BpfMapType type)
    {
        List<BpfCommand> calls = Short(new BpfMapDefinition("m", type, 4, 8, 10) { HasKernelFields = true });
        Assert.Contains(BpfCommand.MapLookupElement, calls);
        Assert.DoesNotContain(BpfCommand.MapUpdateElement, calls);
        Assert.DoesNotContain(BpfCommand.MapDeleteElement, calls);
        Assert.DoesNotContain(BpfCommand.MapLookupAndDeleteElement, calls);
    }

    private List<BpfCommand> Short(BpfMapDefinition definition)
    {
        _kernel.ShortCalls.Clear();
        var map = new BpfMapHandle(_kernel, definition, _kernel.NewHandle());
        ulong key = 0, value = 0;
        MapCalls.Lookup(map, &key, &value);
        MapCalls.Update(map, &key, &value, UpdateMode.Any);
        MapCalls.Delete(map, &key);
        MapCalls.LookupAndDelete(map, &key, &value);
        MapCalls.NextKey(map, &key, &value);
        map.Dispose();
        return [.. _kernel.ShortCalls];
    }
}
