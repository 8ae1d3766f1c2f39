namespace App;

internal static class NoSuchDevice
{
    internal static void Run()
    {
        _ = NetworkDevice.FromName("no-such-device");
    }
}
