namespace App;

internal static class NoRing
{
    internal static void Run()
    {
        using Packets packets = Packets.Open(spec => spec.Maps.Events.MaxEntries = 0).Load();
    }
}
