namespace App;

internal static class TooLarge
{
    internal static void Run()
    {
        using Packets packets = Packets.Open(spec => spec.Maps.ByDevice.MaxEntries = 4_000_000_000).Load();
    }
}
