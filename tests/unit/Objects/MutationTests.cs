using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Objects;

/// <summary>
/// Damaged objects, by the thousand: each is read to the end or refused with an exception of ours, in bounded memory and time.
/// HYPERMESH_TEST_SEED repeats or varies a run; the seed stands in the output and in every failure.
/// </summary>
public sealed class MutationTests
{
    private const int DefaultSeed = 20_000;

    // What reading a sound object of this size needs, many times over; a lying count would want gigabytes.
    private const long MemoryPerMutant = 4 << 20;

    [Theory]
    [InlineData("small.bpf.o", 16_000)]
    [InlineData("small-be.bpf.o", 3_000)]
    [InlineData("core-target.bpf.o", 3_000)]
    [InlineData("externs.bpf.o", 6_000)]
    [InlineData("core.bpf.o", 500)]
    public void EveryMutantIsReadOrRefused(string name, int count)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("HYPERMESH_TEST_SEED"), out int given) ? given : DefaultSeed;
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: seed {seed}, {count} mutants");
        byte[] original = TestData.Bytes(name);
        BtfTypes kernel = TestData.Btf(TestData.Elf("core-target.bpf.o"));
        ObjectWalk.Whole(original, kernel);
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] mutant = Mutate(original, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ObjectWalk.Whole(mutant, kernel);
            }
            catch (BpfException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{name}, seed {seed}, mutant {i}: {e}");
            }

            long used = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(used < MemoryPerMutant, $"{name}, seed {seed}, mutant {i}: {used} bytes allocated");
        }

        Assert.InRange(refused, count / 20, count);
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        byte[] mutant = [.. original];
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            int at = random.Next(mutant.Length);
            switch (random.Next(6))
            {
                case 0:
                    mutant[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 2:
                    Word(mutant, at, random.Next(2) == 0 ? uint.MaxValue : 0x7fffffff);
                    break;
                case 3:
                    Word(mutant, at, (uint)random.Next(64));
                    break;
                case 4:
                    Word(mutant, at, (uint)random.Next(mutant.Length * 2));
                    break;
                default:
                    // Rarely, since almost nothing survives it.
                    if (random.Next(8) == 0)
                    {
                        return mutant[..at];
                    }

                    break;
            }
        }

        return mutant;
    }

    private static void Word(byte[] mutant, int at, uint value)
    {
        at &= ~3;
        if (at + 4 <= mutant.Length)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(mutant.AsSpan(at), value);
        }
    }
}
