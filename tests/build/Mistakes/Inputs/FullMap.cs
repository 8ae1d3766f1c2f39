namespace App;

internal static class FullMap
{
    internal static void Run()
    {
        using Packets packets = Packets.Open(spec => spec.Maps.ByDevice.MaxEntries = 2).Load();
        Fill(packets);
    }

    private static void Fill(Packets packets)
    {
        for (uint i = 0; i < 10; i++)
        {
            packets.Maps.ByDevice[i] = i;
        }
    }
}
