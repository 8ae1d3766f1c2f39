using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Events.RingBuffer;

/// <summary>
/// The records of a ring for <c>await foreach</c>: a copy of one at a time; the enumerator keeps the last. While there are records, no task is created and nothing is
/// awaited. It ends when the ring is closed; a record that was not requested stays in the ring.
/// </summary>
internal sealed class RecordStream<TCopy, TRecord>(BpfMapHandle map, TCopy copy, CancellationToken cancellationToken) : IAsyncEnumerable<TRecord>
    where TCopy : struct, IRecordCopy<TRecord>
{
    public IAsyncEnumerator<TRecord> GetAsyncEnumerator(CancellationToken ofTheLoop = default) => new Enumerator(map, copy, cancellationToken, ofTheLoop);

    private sealed class Enumerator : IAsyncEnumerator<TRecord>
    {
        private readonly BpfMapHandle _map;
        private readonly CancellationTokenSource? _either;
        private readonly CancellationToken _cancellation;
        private TCopy _copy;
        private RingReader? _ring;
        private RingCursor? _cursor;
        private CancellationTokenRegistration _registration;
        private bool _ended;

        internal Enumerator(BpfMapHandle map, TCopy copy, CancellationToken first, CancellationToken second)
        {
            _map = map;
            _copy = copy;
            _either = first.CanBeCanceled && second.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(first, second) : null;
            _cancellation = _either?.Token ?? (first.CanBeCanceled ? first : second);
        }

        public TRecord Current => _copy.Record;

        public ValueTask<bool> MoveNextAsync()
            => _cursor is { } cursor && !_ring!.IsClosed && !_cancellation.IsCancellationRequested && cursor.TryTake(ref _copy) ? new ValueTask<bool>(true) : WaitForNextAsync();

        public ValueTask DisposeAsync()
        {
            End();
            _either?.Dispose();
            return default;
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<bool> WaitForNextAsync()
        {
            try
            {
                if (!_ended && _cursor is null)
                {
                    Begin();
                }

                while (!_ended && !_ring!.IsClosed)
                {
                    _cancellation.ThrowIfCancellationRequested();
                    if (_cursor!.TryTake(ref _copy))
                    {
                        return true;
                    }

                    await _ring.Signal.WaitAsync().ConfigureAwait(false);
                }
            }
            catch
            {
                End();
                throw;
            }

            End();
            return false;
        }

        private void Begin()
        {
            var ring = RingReader.Of(_map);
            ring.Claim();
            _ring = ring;
            _cursor = ring.OpenCursor();
            ring.Watch();
            _registration = _cancellation.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), ring.Signal);
        }

        private void End()
        {
            _ended = true;
            RingReader? ring = _ring;
            _ring = null;
            if (ring is null)
            {
                return;
            }

            var teardown = default(Teardown);
            teardown.End(_cursor);
            _cursor = null;
            teardown.Do(_registration, static registration => registration.Dispose());
            teardown.Do(ring, static ring => ring.Unwatch());
            teardown.Do(ring, static ring => ring.Release());
            teardown.Report();
        }
    }
}

/// <summary>A sink that keeps a copy of the last record.</summary>
internal interface IRecordCopy<out TRecord> : IRecordSink
{
    TRecord Record { get; }
}
