namespace App;

internal static class ChangedCopy
{
    internal static void Unused(Packets packets, uint queue)
    {
        Packets.Traffic traffic = packets.Maps.ByQueue[queue];
        traffic.Packets = 0; /*here*/
    }
}
