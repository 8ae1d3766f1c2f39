using System.Runtime.ExceptionServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>
/// Ends several things one after the other, each whether or not those before it could be ended, and reports what failed at the end: what could be freed is free then, and nothing
/// that stays is kept secret.
/// </summary>
internal struct Teardown
{
    /// <summary>Where the data of an exception says what could not be undone after it.</summary>
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

    /// <summary>Does one step of ending something.</summary>
    /// <param name="of">What is ended, handed to the step so that it needs no closure.</param>
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

    /// <summary>Throws what failed: the failure itself where there is one, an <see cref="AggregateException"/> of them where there are more.</summary>
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

        throw new AggregateException($"{_failures.Count} parts could not be ended; all others are.", _failures);
    }

    /// <summary>Throws the first failure, for a caller that expects one of its type; its data has the others.</summary>
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

    /// <summary>Undoes what was done before a failure. The failure stays the one that is thrown; what could not be undone is put into its data.</summary>
    /// <param name="reason">The failure.</param>
    /// <param name="part">What is undone.</param>
    internal static void Undo(Exception reason, IDisposable? part)
    {
        var teardown = default(Teardown);
        teardown.End(part);
        teardown.AddTo(reason);
    }

    /// <summary>Puts what failed into the data of the exception it came after.</summary>
    internal readonly void AddTo(Exception reason)
    {
        if (_failures is null)
        {
            return;
        }

        Exception[] before = reason.Data[NotUndone] as Exception[] ?? [];
        reason.Data[NotUndone] = (Exception[])[.. before, .. _failures];
    }

    /// <summary>Has an exception that is thrown in place of another say what could not be undone, too.</summary>
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
