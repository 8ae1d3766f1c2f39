namespace App;

internal static class ChangedAfterLoad
{
    internal static void Unused()
    {
        Packets.Spec spec = Packets.Open();
        using Packets packets = spec.Load();
        spec.Globals.Limit = 5; /*here*/
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
    }
}
