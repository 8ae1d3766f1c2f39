namespace App;

internal static class UsedAfterDispose
{
    internal static void Unused()
    {
        Packets packets = Packets.Open().Load();
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
        packets.Dispose();
        _ = packets.Globals.Seen; /*here*/
    }
}
