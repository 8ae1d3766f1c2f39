namespace Hypermesh.Bpf.Compilation.Caching;

/// <summary>Work that remains after a compilation: writing the cache and removing the private folder, in the background. The process and the next cache lookup wait for it.</summary>
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
            // A failure costs the entry of the cache, no more.
            _ = done.Exception;
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
