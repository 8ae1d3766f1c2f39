namespace App;

internal static class AsyncHandler
{
    internal static async Task Unused(TextWriter log, CancellationToken stop)
    {
        using Packets packets = Packets.Open().Load();
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
        packets.Maps.Events.Consume(async e => await log.WriteLineAsync($"{e.TimeNs}")); /*here*/
    }
}
