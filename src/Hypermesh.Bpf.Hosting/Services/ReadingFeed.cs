using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Hypermesh.Bpf.Monitoring;
using Microsoft.Extensions.Hosting;

namespace Hypermesh.Bpf.Hosting.Services;

/// <summary>
/// Hands each reading to the clients of the event stream. It is written once, whatever their number, and not at all without clients. A client that does not keep up loses the older
/// readings, and its next event says how many.
/// </summary>
internal sealed class ReadingFeed : IHostedService
{
    private readonly MonitoringService _monitoring;
    private readonly List<Client> _clients = [];
    private readonly Lock _gate = new();

    public ReadingFeed(MonitoringService monitoring) => _monitoring = monitoring;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _monitoring.Read += Publish;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _monitoring.Read -= Publish;
        return Task.CompletedTask;
    }

    /// <summary>Adds a client, which its caller disposes; null when there are too many.</summary>
    internal Client? TryAdd()
    {
        lock (_gate)
        {
            if (_clients.Count >= _monitoring.Options.EventClients)
            {
                return null;
            }

            var client = new Client(this);
            _clients.Add(client);
            return client;
        }
    }

    /// <summary>An event of the stream: its number, its name, and the reading.</summary>
    internal static byte[] Frame(MonitorSet monitors)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {monitors.Sequence}\nevent: reading\ndata: ")));
        using (var writer = new Utf8JsonWriter(text))
        {
            monitors.WriteJson(writer);
        }

        text.Write("\n\n"u8);
        return text.WrittenSpan.ToArray();
    }

    private void Publish(MonitorSet monitors)
    {
        lock (_gate)
        {
            if (_clients.Count == 0)
            {
                return;
            }

            byte[] frame = Frame(monitors);
            foreach (Client client in _clients)
            {
                client.Offer(frame);
            }
        }
    }

    /// <summary>One client of the stream.</summary>
    internal sealed class Client : IDisposable
    {
        private const int Waiting = 2;

        private readonly ReadingFeed _feed;
        private readonly Channel<byte[]> _frames;
        private int _lost;

        internal Client(ReadingFeed feed)
        {
            _feed = feed;
            _frames = Channel.CreateBounded<byte[]>(
                new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true, SingleWriter = true }, _ => Interlocked.Increment(ref _lost));
        }

        /// <summary>Waits for the next event.</summary>
        internal ValueTask<byte[]> NextAsync(CancellationToken stop) => _frames.Reader.ReadAsync(stop);

        /// <summary>The readings that this client did not get since the last call.</summary>
        internal int TakeLost() => Interlocked.Exchange(ref _lost, 0);

        internal void Offer(byte[] frame) => _frames.Writer.TryWrite(frame);

        public void Dispose()
        {
            lock (_feed._gate)
            {
                _feed._clients.Remove(this);
            }
        }
    }
}
