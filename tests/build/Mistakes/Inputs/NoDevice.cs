namespace App;

internal static class NoDevice
{
    internal static void Unused()
    {
        using Packets packets = Packets.Open().Load();
        packets.Programs.OnPacket.Attach(); /*here*/
    }
}
