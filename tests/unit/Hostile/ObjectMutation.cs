using System.Buffers.Binary;

namespace Hypermesh.Bpf.Tests.Unit.Hostile;

/// <summary>Damages an object: a few bits, bytes and words, or a cut.</summary>
internal static class ObjectMutation
{
    private static readonly Action<byte[], int, Random>[] s_changes =
    [
        static (mutant, at, random) => mutant[at] ^= (byte)(1 << random.Next(8)),
        static (mutant, at, random) => mutant[at] = (byte)random.Next(256),
        static (mutant, at, random) => Word(mutant, at, random.Next(2) == 0 ? uint.MaxValue : 0x7fffffff),
        static (mutant, at, random) => Word(mutant, at, (uint)random.Next(64)),
        static (mutant, at, random) => Word(mutant, at, (uint)random.Next(mutant.Length * 2)),
        static (mutant, at, random) => Word(mutant, at, BinaryPrimitives.ReadUInt32LittleEndian(mutant.AsSpan(random.Next(mutant.Length / 4) * 4))),
    ];

    public static byte[] Of(byte[] original, Random random)
    {
        // Rarely cut, since almost nothing survives it.
        if (random.Next(64) == 0)
        {
            return original[..random.Next(original.Length)];
        }

        byte[] mutant = [.. original];
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            s_changes[random.Next(s_changes.Length)](mutant, random.Next(mutant.Length), random);
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
