namespace Hypermesh.Bpf.Testing;

/// <summary>Namespaces of a test's own. What is run in them runs on their own thread, one after the other; they end when this is disposed, or with the process.</summary>
public abstract class PrivateNamespace : IDisposable
{
    private readonly NamespaceThread _thread;

    private protected PrivateNamespace(int kinds, string name) => _thread = new NamespaceThread(kinds, name);

    /// <summary>Runs something within: sockets opened there and programs attached there belong to it. What it throws is thrown here.</summary>
    /// <param name="action">What to run. It must not go on elsewhere: after an <c>await</c> it would be outside.</param>
    public void Run(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _thread.Run(() =>
        {
            action();
            return true;
        });
    }

    /// <summary>As <see cref="Run(Action)"/>, with a result.</summary>
    /// <typeparam name="T">Of what type.</typeparam>
    /// <param name="function">What to run.</param>
    public T Run<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return _thread.Run(function);
    }

    /// <summary>Ends the thread, and with it the namespaces, once nothing opened in them is open any more.</summary>
    public virtual void Dispose()
    {
        _thread.Dispose();
        GC.SuppressFinalize(this);
    }
}
