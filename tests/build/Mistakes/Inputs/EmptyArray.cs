namespace App;

internal static class EmptyArray
{
    internal static void Unused()
    {
        using Packets packets = Packets.Open().Load(); /*here*/
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
    }
}
