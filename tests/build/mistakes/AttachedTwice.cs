namespace App;

internal static class AttachedTwice
{
    internal static void Unused()
    {
        using Packets packets = Packets.Open().Load();
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo")); /*here*/
    }
}
