namespace App;

internal static class SizeAfterLoad
{
    internal static void Unused()
    {
        using Packets packets = Packets.Open().Load();
        packets.Maps.Events.MaxEntries = 8192; /*here*/
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
    }
}
