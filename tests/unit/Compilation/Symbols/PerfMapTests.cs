using System.Diagnostics;
using Hypermesh.Bpf.Compilation.Symbols;

namespace Hypermesh.Bpf.Tests.Unit.Compilation.Symbols;

/// <summary>Files of methods, which any process may write for root to read.</summary>
public sealed class PerfMapTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("perf-map-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "perf-1.map");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Methods_are_found_by_address_and_the_later_one_has_the_place()
    {
        File.WriteAllText(Path, "1000 10 void [App] App::Old()[Tier0]\n0x2000 20 other\nnot a line\n1000 8 void [App] App::New()[Tier1]\n3000 0 empty\n");
        PerfMap map = PerfMap.TryRead(Path, null)!;

        Assert.Equal(
            ["void [App] App::New()[Tier1]", null, "other", null, null],
            new ulong[] { 0x1007, 0x1008, 0x201f, 0x2020, 0x3000 }.Select(map.Find));
        Assert.Same(map, PerfMap.TryRead(Path, map));
        File.AppendAllText(Path, "4000 1 more\n");
        Assert.Equal("more", PerfMap.TryRead(Path, map)!.Find(0x4000));
    }

    [Fact]
    public void What_is_not_a_regular_file_is_not_read()
    {
        Assert.Null(PerfMap.TryRead(Path, null));
        File.CreateSymbolicLink(Path, "/proc/self/status");
        Assert.Null(PerfMap.TryRead(Path, null));
        File.Delete(Path);
        using (Process pipe = Process.Start("mkfifo", [Path]))
        {
            pipe.WaitForExit();
        }

        Assert.Null(PerfMap.TryRead(Path, null));
        File.Delete(Path);
        using (FileStream large = File.Create(Path))
        {
            large.SetLength((64L << 20) + 1);
        }

        Assert.Null(PerfMap.TryRead(Path, null));
    }
}
