namespace App;

internal static class LaterReader
{
    internal static async Task Unused(Packets packets, CancellationToken stop)
    {
        await foreach (Packets.Event e in packets.Maps.Events.ReadAllAsync(stop))
        {
            _ = e.TimeNs;
        }

        await foreach (Packets.Traffic burst in packets.Maps.Bursts.ReadAllAsync(stop)) /*here*/
        {
            _ = burst.Bytes;
        }
    }
}
