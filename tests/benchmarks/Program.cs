using BenchmarkDotNet.Running;
using Hypermesh.Bpf.Benchmarks.Cost;

if (args is ["cost", .. string[] rest])
{
    return SchedulerCost.Run(seconds: rest is [string seconds] ? int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture) : 10);
}

if (args is ["first-use"])
{
    return FirstUse.Run();
}

if (args is ["ratios", ..])
{
    return Ratios.Run(rounds: args is [_, string rounds] ? int.Parse(rounds, System.Globalization.CultureInfo.InvariantCulture) : 200);
}

if (args is ["overhead"])
{
    return Overheads.Run();
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
