namespace App;

internal static class ReadBeforeAttach
{
    internal static async Task Unused(CancellationToken stop)
    {
        using Packets packets = Packets.Open().Load();
        await foreach (Packets.Event e in packets.Maps.Events.ReadAllAsync(stop)) /*here*/
        {
            _ = e.TimeNs;
        }

        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
    }
}
