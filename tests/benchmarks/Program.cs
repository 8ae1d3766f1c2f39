using System.Globalization;
using BenchmarkDotNet.Running;
using Hypermesh.Bpf.Benchmarks.Cost;

// Measurements in one run beside the peer: the name, how many seconds or rounds unless told, and what runs.
(string Name, int Size, Func<int, Task<int>> Run)[] measurements =
[
    ("cost", 10, static seconds => Task.FromResult(SchedulerCost.Run(seconds))),
    ("cost-tcp", 20_000, TcpCost.Run),
    ("cost-process", 10, static seconds => Task.FromResult(ProcessCost.Run(seconds))),
    ("cost-file", 10, static seconds => Task.FromResult(FileCost.Run(seconds))),
    ("cost-disk", 5, static rounds => Task.FromResult(BlockCost.Run(rounds))),
    ("throughput", 11, static rounds => Task.FromResult(Throughput.Run(rounds))),
    ("first-use", 0, static _ => Task.FromResult(FirstUse.Run())),
    ("ratios", 200, static rounds => Task.FromResult(Ratios.Run(rounds))),
    ("overhead", 0, static _ => Task.FromResult(Overheads.Run())),
];

if (args is [string name, .. string[] rest] && measurements.FirstOrDefault(one => one.Name == name) is { Run: { } run, Size: int size })
{
    return await run(rest is [string given] ? int.Parse(given, CultureInfo.InvariantCulture) : size);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
