namespace App;

internal static class MovedLate
{
    internal static void Unused()
    {
        var first = Packets.Open().Load();
        BpfProgramLink link = first.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
        first.Dispose();
        using Packets second = Packets.Open().Load();
        link.Update(second.Programs.OnPacket); /*here*/
        System.Console.WriteLine(link.IsAttached);
    }
}
