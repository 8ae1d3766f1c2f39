using System.Runtime.ExceptionServices;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Runs something on a thread of its own, whose namespaces and capabilities end with it.</summary>
internal static class OwnThread
{
    internal static void Run(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception reason)
            {
                failure = ExceptionDispatchInfo.Capture(reason);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
