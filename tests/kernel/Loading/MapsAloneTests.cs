namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>An object without a program has its maps and globals.</summary>
public sealed class MapsAloneTests : KernelTest
{
    [Fact]
    public void Maps_and_globals_load_without_a_program()
    {
        using Mapsalone live = Mapsalone.Open(spec => spec.Globals.Limit = 9).Load();
        live.Maps.Routes[Prefix(8, 10)] = 1;
        live.Maps.Routes[Prefix(24, 10, 1, 2)] = 2;

        Assert.True(live.Maps.Routes.TryGetValue(Prefix(32, 10, 1, 2, 3), out uint route));
        Assert.Equal(2u, route);
        live.Globals.Total += 2;
        Assert.Equal((9u, 42ul), (live.Globals.Limit, live.Globals.Total));
        live.Attach();

        // Keys that hold an array are keys of a dictionary too.
        Dictionary<Mapsalone.Prefix, uint> routes = live.Maps.Routes.ToDictionary(entry => entry.Key, entry => entry.Value);
        Assert.Equal(1u, routes[Prefix(8, 10)]);
        Assert.False(routes.ContainsKey(Prefix(8, 11)));
    }

    private static Mapsalone.Prefix Prefix(uint length, params ReadOnlySpan<byte> address)
    {
        var prefix = new Mapsalone.Prefix { Length = length };
        for (int i = 0; i < address.Length; i++)
        {
            prefix.Address[i] = address[i];
        }

        return prefix;
    }
}
