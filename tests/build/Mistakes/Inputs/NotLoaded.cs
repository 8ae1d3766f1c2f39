namespace App;

internal static class NotLoaded
{
    internal static void Unused()
    {
        using var packets = Packets.Open(); /*here*/
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
    }
}
