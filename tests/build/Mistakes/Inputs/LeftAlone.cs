namespace App;

internal static class LeftAlone
{
    internal static void Unused()
    {
        using Packets packets = Packets.Open().Load();
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
        _ = Task.Run(() => packets.Globals.Seen); /*here*/
    }
}
