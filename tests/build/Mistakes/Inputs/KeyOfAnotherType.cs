namespace App;

internal static class KeyOfAnotherType
{
    internal static void Unused()
    {
        using Packets packets = Packets.Open().Load();
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
        _ = packets.Maps.ByDevice["eth0"]; /*here*/
    }
}
