namespace App;

internal static class AsyncSetting
{
    internal static async Task Unused(string file)
    {
        using Packets packets = Packets.Open(async spec => spec.Globals.Limit = ulong.Parse(await File.ReadAllTextAsync(file))).Load(); /*here*/
        packets.Programs.OnPacket.Attach(NetworkDevice.FromName("lo"));
    }
}
