namespace App;

internal static class ShortPacket
{
    internal static void Run()
    {
        using Packets packets = Packets.Open().Load();
        _ = packets.Programs.OnPacket.TestRun(new byte[4]);
    }
}
