using Hypermesh.Bpf.Testing;

namespace App;

internal static class AsyncRun
{
    internal static async Task Unused()
    {
        using var network = new PrivateNetwork();
        network.Run(async () => /*here*/
        {
            using Packets packets = Packets.Open().Load();
            packets.Programs.OnPacket.Attach(NetworkDevice.FromName("veth0"));
            await Task.Delay(100);
            Console.WriteLine(packets.Globals.Seen);
        });
    }
}
