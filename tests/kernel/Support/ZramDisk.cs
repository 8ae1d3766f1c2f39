using System.Globalization;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A compressed disk in memory of the test's own, which takes I/O without requests, and whose statistics are on.</summary>
internal sealed class ZramDisk : IDisposable
{
    private const string Control = "/sys/class/zram-control/";

    private readonly int _number;

    internal ZramDisk()
    {
        Sandbox.Shell($"[ -e {Control} ] || modprobe -q zram num_devices=1 || true");
        Assert.SkipUnless(Directory.Exists(Control), "this kernel has no zram");
        _number = int.Parse(File.ReadAllText(Control + "hot_add"), CultureInfo.InvariantCulture);
        Name = "zram" + _number.ToString(CultureInfo.InvariantCulture);
        File.WriteAllText($"/sys/block/{Name}/disksize", "8388608");
        File.WriteAllText($"/sys/block/{Name}/queue/iostats", "1");
    }

    internal string Name { get; }

    internal void Write() => Sandbox.Shell($"dd if=/dev/zero of=/dev/{Name} bs=4k count=16 oflag=direct");

    public void Dispose()
    {
        File.WriteAllText($"/sys/block/{Name}/reset", "1");
        File.WriteAllText(Control + "hot_remove", _number.ToString(CultureInfo.InvariantCulture));
    }
}
