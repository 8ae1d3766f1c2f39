namespace App;

internal static class ConstantAfterLoad
{
    internal static void Unused()
    {
        using Packets packets = Packets.Open().Load();
        packets.Globals.Limit = 5; /*here*/
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
    }
}
