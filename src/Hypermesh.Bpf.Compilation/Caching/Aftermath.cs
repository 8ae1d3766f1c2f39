namespace Hypermesh.Bpf.Compilation.Caching;

/// <summary>What a compilation leaves to do, beside the load of its object: the cache is written and the private folder removed. The process does not end before, and no search of the cache begins before.</summary>
internal static class Aftermath
{
    private static readonly Lock s_gate = new();
    private static readonly HashSet<Task> s_running = [];

    static Aftermath() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Wait();

    internal static void Do(Action action)
    {
        var task = new Task(action);
        lock (s_gate)
        {
            s_running.Add(task);
        }

        task.ContinueWith(static done =>
        {
            lock (s_gate)
            {
                s_running.Remove(done);
            }
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        task.Start(TaskScheduler.Default);
    }

    internal static void Wait()
    {
        Task[] all;
        lock (s_gate)
        {
            all = [.. s_running];
        }

        Task.WhenAll(all).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
    }
}
