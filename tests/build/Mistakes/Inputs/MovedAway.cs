namespace App;

internal static class MovedAway
{
    internal static void Unused()
    {
        using Packets first = Packets.Open().Load();
        BpfProgramLink link = first.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
        using (Packets next = Packets.Open().Load())
        {
            link.Update(next.Programs.OnPacket); /*here*/
        }

        System.Console.WriteLine(link.IsAttached);
    }
}
