using System.ComponentModel;
using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>Private namespaces of a test. Functions that run in them run on their own thread, one after the other. The namespaces end when this is disposed, or with the process.</summary>
public abstract class PrivateNamespace : IDisposable
{
    private const string Synchronous = "Run is synchronous: after an await the code would run outside the namespace, and nothing would wait for it or see what it throws."
        + " In Run, open sockets, load and attach, without await; return what is needed, and await after Run. If the function only throws, give it a type: Run((Action)(() => …)).";

    private readonly NamespaceThread _thread;

    private protected PrivateNamespace(int kinds, string name) => _thread = new NamespaceThread(kinds, name);

    /// <summary>
    /// Runs a function in the namespace, and returns when it has ended. Sockets that it opens and programs that it attaches belong to the namespace. Its exceptions are thrown here.
    /// </summary>
    /// <param name="action">The function. It must be synchronous: after an <c>await</c> the code would run outside the namespace.</param>
    /// <exception cref="ArgumentException">It is an <c>async void</c> function.</exception>
    public void Run(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (action.Method.IsDefined(typeof(AsyncStateMachineAttribute), inherit: false))
        {
            throw new ArgumentException(Synchronous, nameof(action));
        }

        _thread.Run(() =>
        {
            action();
            return true;
        });
    }

    /// <summary>Runs a function in the namespace and returns its result; see <see cref="Run(Action)"/>.</summary>
    /// <typeparam name="T">Type of the result; not a task.</typeparam>
    /// <param name="function">The function. It must be synchronous.</param>
    /// <exception cref="ArgumentException">The function is asynchronous: its result would have to be awaited.</exception>
    public T Run<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return IsTask(typeof(T)) || IsTask(function.Method.ReturnType) ? throw new ArgumentException(Synchronous, nameof(function)) : _thread.Run(function);
    }

    /// <summary>Does not compile: <see cref="Run(Action)"/> is synchronous. Without this overload an asynchronous function would be started and its task ignored.</summary>
    /// <param name="function">An asynchronous function.</param>
    [Obsolete(Synchronous, error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void Run(Func<Task> function) => throw new ArgumentException(Synchronous, nameof(function));

    /// <summary>Does not compile: <see cref="Run{T}(Func{T})"/> is synchronous.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="function">An asynchronous function.</param>
    [Obsolete(Synchronous, error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public T Run<T>(Func<Task<T>> function) => throw new ArgumentException(Synchronous, nameof(function));

    /// <summary>Ends the thread. The namespaces end when everything that was opened in them is closed.</summary>
    public virtual void Dispose()
    {
        _thread.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs the commands that a constructor prepares the namespace with. A failure ends the namespace.</summary>
    private protected void SetUp(Action commands)
    {
        try
        {
            Run(commands);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static bool IsTask(Type type)
        => typeof(Task).IsAssignableFrom(type) || type == typeof(ValueTask) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));
}
