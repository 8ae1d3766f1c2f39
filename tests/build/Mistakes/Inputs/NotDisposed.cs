namespace App;

internal static class NotDisposed
{
    internal static void Unused()
    {
        Packets packets = Packets.Open().Load(); /*here*/
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
    }
}
