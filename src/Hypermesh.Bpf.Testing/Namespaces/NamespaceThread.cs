using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Testing.Namespaces;

/// <summary>A thread in private namespaces, which end with it. Work is passed to it, because a namespace belongs to a thread, not to a process.</summary>
internal sealed partial class NamespaceThread : IDisposable
{
    internal const int Mounts = 0x00020000;
    internal const int Network = 0x40000000;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private bool _ended;

    /// <exception cref="Win32Exception">The kernel refused the namespaces: they require CAP_SYS_ADMIN.</exception>
    internal NamespaceThread(int kinds, string name)
    {
        int error = 0;
        using var started = new ManualResetEventSlim();
        _thread = new Thread(() =>
        {
            error = Unshare(kinds) == 0 ? 0 : Marshal.GetLastSystemError();
            started.Set();
            foreach (Action action in error == 0 ? _work.GetConsumingEnumerable() : [])
            {
                action();
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        _thread.Start();
        started.Wait();
        if (error != 0)
        {
            _work.Dispose();
            throw new Win32Exception(error, $"The kernel refused a private namespace ({new Win32Exception(error).Message}): it requires CAP_SYS_ADMIN. Run the tests as root.");
        }
    }

    /// <summary>The kernel's ID of the calling thread, by which other programs refer to its namespaces.</summary>
    internal static int CurrentId => GetThreadId();

    /// <summary>Runs work on the thread, waits for it and rethrows its exception.</summary>
    internal T Run<T>(Func<T> work)
    {
        if (Thread.CurrentThread == _thread)
        {
            return work();
        }

        T? result = default;
        ExceptionDispatchInfo? failure = null;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception reason)
            {
                failure = ExceptionDispatchInfo.Capture(reason);
            }

            done.Set();
        });
        done.Wait();
        failure?.Throw();
        return result!;
    }

    public void Dispose()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "unshare")]
    private static partial int Unshare(int kinds);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
