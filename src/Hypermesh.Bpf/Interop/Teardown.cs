using System.Runtime.ExceptionServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>
/// Runs several teardown steps in order, even if one of them fails, and reports all failures at the end: everything that can be freed is freed, and no failure is hidden.
/// </summary>
internal struct Teardown
{
    /// <summary>The key in <see cref="Exception.Data"/> for what could not be undone after the exception.</summary>
    internal const string NotUndone = "Hypermesh.Bpf.NotUndone";

    private List<Exception>? _failures;

    internal void End(IDisposable? part)
    {
        try
        {
            part?.Dispose();
        }
        catch (Exception failure)
        {
            Add(failure);
        }
    }

    /// <summary>Runs one step.</summary>
    /// <param name="of">An object that is passed to the step, so that it needs no closure.</param>
    /// <param name="step">The step.</param>
    internal void Do<T>(T of, Action<T> step)
    {
        try
        {
            step(of);
        }
        catch (Exception failure)
        {
            Add(failure);
        }
    }

    /// <summary>Throws the failure, or an <see cref="AggregateException"/> when there are several.</summary>
    internal readonly void Report()
    {
        if (_failures is null)
        {
            return;
        }

        if (_failures.Count == 1)
        {
            ExceptionDispatchInfo.Throw(_failures[0]);
        }

        throw new AggregateException($"{_failures.Count} parts could not be freed; all others were.", _failures);
    }

    /// <summary>Throws the first failure, with the others in its data: for a caller that expects an exception of its type.</summary>
    internal void ReportFirst()
    {
        if (_failures is null)
        {
            return;
        }

        Exception first = _failures[0];
        _failures.RemoveAt(0);
        if (_failures.Count > 0)
        {
            AddTo(first);
        }

        ExceptionDispatchInfo.Throw(first);
    }

    /// <summary>Undoes what was done before a failure. The failure is still the exception to throw; what could not be undone is added to its data.</summary>
    /// <param name="reason">The failure.</param>
    /// <param name="part">What is undone.</param>
    internal static void Undo(Exception reason, IDisposable? part)
    {
        var teardown = default(Teardown);
        teardown.End(part);
        teardown.AddTo(reason);
    }

    /// <summary>Adds the failures to the data of the exception that led to the teardown.</summary>
    internal readonly void AddTo(Exception reason)
    {
        if (_failures is null)
        {
            return;
        }

        Exception[] before = reason.Data[NotUndone] as Exception[] ?? [];
        reason.Data[NotUndone] = (Exception[])[.. before, .. _failures];
    }

    /// <summary>Copies what could not be undone to an exception that is thrown in place of another.</summary>
    internal static void Carry(Exception from, Exception to)
    {
        if (from.Data[NotUndone] is { } failures)
        {
            to.Data[NotUndone] = failures;
        }
    }

    private void Add(Exception failure)
    {
        _failures ??= [];
        if (failure is AggregateException several)
        {
            _failures.AddRange(several.InnerExceptions);
        }
        else
        {
            _failures.Add(failure);
        }
    }
}
