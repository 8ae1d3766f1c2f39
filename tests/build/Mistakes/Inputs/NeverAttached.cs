namespace App;

internal static class NeverAttached
{
    internal static void Unused()
    {
        using Packets packets = Packets.Open().Load(); /*here*/
        _ = packets.Globals.Seen;
    }
}
