namespace App;

internal static class NotOfArrays
{
    internal static void Unused()
    {
        using Packets packets = Packets.Open().Load();
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
        _ = packets.Maps.Totals.TryTake(1, out _); /*here*/
    }
}
