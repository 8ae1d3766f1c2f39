namespace App;

internal static class OtherTypeInArray
{
    internal static void Run()
    {
        using Packets packets = Packets.Open().Load();
        packets.Maps.Jumps.Set(1, packets.Programs.OnFrame);
    }
}
