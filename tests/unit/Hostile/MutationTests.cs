using System.Collections.Concurrent;
using System.Diagnostics;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Hostile;

/// <summary>
/// Damaged objects, 250,000 of them in a full run and a tenth in every other: each is read, linked, written as C, disassembled and sanitised to the end, or refused with an exception of
/// ours, in memory and time bounded by its size. HYPERMESH_TEST_SEED varies a run, and repeats one; the seed stands in the output and in every failure.
/// </summary>
public sealed class MutationTests
{
    private const int DefaultSeed = 20_000;
    private const int Chunk = 250;

    // What a sound object needs, many times over; a lying count would want gigabytes.
    private const long MemoryPerMutant = 4 << 20;
    private const long MemoryPerByte = 512;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    // Without one chunk that is done, before something hangs for good.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(8);

    private static readonly (string Name, int Count)[] s_corpus =
    [
        ("small.bpf.o", Rounds.Of(75_000)),
        ("jumps.bpf.o", Rounds.Of(12_500)),
        ("small-be.bpf.o", Rounds.Of(25_000)),
        ("link-first.bpf.o", Rounds.Of(25_000)),
        ("core-target.bpf.o", Rounds.Of(37_500)),
        ("externs.bpf.o", Rounds.Of(37_500)),
        ("wide.bpf.o", Rounds.Of(30_000)),
        ("core.bpf.o", Rounds.Of(7_500)),
    ];

    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("HYPERMESH_TEST_SEED"), out int given) ? given : DefaultSeed;
    private readonly Lock _gate = new();
    private readonly BtfTypes _kernel = TestData.Btf(TestData.Elf("core-target.bpf.o"));
    private long _most;
    private TimeSpan _longest;

    [Fact]
    public void Every_mutant_is_read_or_rejected()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {_seed}, {s_corpus.Sum(row => row.Count)} mutants");
        var failures = new ConcurrentQueue<string>();
        var running = new ConcurrentDictionary<int, string>();
        var work = new ConcurrentQueue<(byte[] Original, string Name, int First)>(s_corpus.SelectMany(row =>
        {
            byte[] original = TestData.Bytes(row.Name);
            return Enumerable.Range(0, row.Count / Chunk).Select(chunk => (original, row.Name, chunk * Chunk));
        }));
        int refused = 0;
        int ended = 0;
        int chunks = work.Count;
        Thread[] threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(worker => new Thread(() =>
        {
            while (failures.IsEmpty && work.TryDequeue(out (byte[] Original, string Name, int First) next))
            {
                running[worker] = $"{next.Name}, from mutant {next.First}";
                Interlocked.Add(ref refused, Try(next.Original, next.Name, next.First, failures));
                Rounds.Report("chunks of mutants", Interlocked.Increment(ref ended), chunks);
            }
        }) { IsBackground = true })];
        Array.ForEach(threads, static thread => thread.Start());
        (int Ended, long Since) seen = (0, Stopwatch.GetTimestamp());
        while (!Array.TrueForAll(threads, static thread => thread.Join(50)))
        {
            int now = Volatile.Read(ref ended);
            seen = now == seen.Ended ? seen : (now, Stopwatch.GetTimestamp());
            Assert.True(Stopwatch.GetElapsedTime(seen.Since) < s_patience, $"seed {_seed}: {string.Join("; ", running.Values)} does not end");
        }

        Assert.True(failures.IsEmpty, string.Join("\n", failures));
        Assert.InRange(refused, s_corpus.Sum(row => row.Count) / 20, s_corpus.Sum(row => row.Count));
        Rounds.Figure("mutants", $"{s_corpus.Sum(row => row.Count)}, seed {_seed}, {refused} refused, at most {_most} bytes and {_longest.TotalMilliseconds:F0} ms for one");
    }

    [Theory]
    [InlineData("small.bpf.o")]
    [InlineData("small-be.bpf.o")]
    [InlineData("core-target.bpf.o")]
    [InlineData("externs.bpf.o")]
    [InlineData("core.bpf.o")]
    [InlineData("jumps.bpf.o")]
    public void An_undamaged_object_is_not_rejected(string name) => ObjectWalk.Whole(TestData.Bytes(name), _kernel);

    // Each chunk has a generator of its own, so that which thread takes it does not matter.
    private int Try(byte[] original, string name, int first, ConcurrentQueue<string> failures)
    {
        var random = new Random(HashCode(name, first));
        int refused = 0;
        (long most, TimeSpan longest) = (0, TimeSpan.Zero);
        for (int i = first; i < first + Chunk; i++)
        {
            byte[] mutant = ObjectMutation.Of(original, random);
            var work = Work.Begin();
            try
            {
                ObjectWalk.Whole(mutant, _kernel);
            }
            catch (BpfException)
            {
                refused++;
            }
            catch (Exception e)
            {
                failures.Enqueue($"{name}, seed {_seed}, mutant {i}: {e}");
                return refused;
            }

            long used = work.Bytes;
            TimeSpan took = work.Time;
            (most, longest) = (Math.Max(most, used), took > longest ? took : longest);
            if (used > MemoryPerMutant + (MemoryPerByte * original.Length) || took > s_longest)
            {
                failures.Enqueue($"{name}, seed {_seed}, mutant {i}: {used} bytes, {took}");
            }
        }

        lock (_gate)
        {
            (_most, _longest) = (Math.Max(_most, most), longest > _longest ? longest : _longest);
        }

        return refused;
    }

    private int HashCode(string name, int first) => (int)(((long)_seed * 1_000_003) + (first * 31L) + name.Sum(static letter => letter * 7));
}
