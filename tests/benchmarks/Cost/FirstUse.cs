using System.Diagnostics;
using System.Runtime;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>What the running kernel's types cost a process that has done nothing else: the first use, with all compiling it brings, and those after it.</summary>
internal static class FirstUse
{
    private const int Rounds = 5;

    internal static int Run()
    {
        ThreadClock.Read();
        for (int round = 1; round <= Rounds; round++)
        {
            TimeSpan compiled = JitInfo.GetCompilationTime(currentThread: true);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan processor = ThreadClock.Read();
            long start = Stopwatch.GetTimestamp();
            using (KernelBtf kernel = KernelBtf.Acquire())
            {
                BtfType task = kernel.Types[kernel.Types.Find("task_struct", BtfKind.Struct)];
                if (task.Member(0).NameOffset == 0)
                {
                    throw new InvalidOperationException("The first member of task_struct has no name.");
                }
            }

            TimeSpan took = Stopwatch.GetElapsedTime(start);
            processor = ThreadClock.Read() - processor;
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            compiled = JitInfo.GetCompilationTime(currentThread: true) - compiled;
            Console.WriteLine($"use {round}: {took.TotalMilliseconds:F1} ms, {processor.TotalMilliseconds:F1} on the processor, {compiled.TotalMilliseconds:F1} of it compiling; {allocated / 1024} KiB of the managed heap");
        }

        return 0;
    }
}
