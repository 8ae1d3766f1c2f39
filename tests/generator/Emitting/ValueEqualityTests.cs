using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Parsing;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>
/// Equality of every generated struct, union, array and text: the bits that BTF gives to a member decide, and no others. Which bits those are is read here from BTF.
/// </summary>
public sealed class ValueEqualityTests
{
    private const int MostBits = 40_000;

    private delegate bool Comparison<T>(in T left, in T right);

    [Theory]
    [InlineData("Events", 2)]
    [InlineData("Layouts", 15)]
    [InlineData("Sums", 5)]
    [InlineData("Reserved", 5)]
    [InlineData("Documented", 1)]
    [InlineData("Torture", 60)]
    public void Values_are_equal_exactly_when_the_bits_of_their_members_are(string carrier, int atLeast)
    {
        Type[] values = [.. CompiledSkeleton.Of(carrier).GetNestedTypes().Where(type => type.IsValueType && !type.IsEnum)];
        var oracle = new Oracle(SkeletonParser.ParseWithTypes(CarrierReader.Read(CarrierFile.TextOf(carrier)))!);

        Assert.True(values.Length >= atLeast, $"only {values.Length} types were compared");
        foreach (Type value in values)
        {
            Generic(nameof(Compare), value).Invoke(null, [oracle]);
        }
    }

    [Theory]
    [InlineData("Layouts")]
    [InlineData("Torture")]
    public void Comparing_and_hashing_allocate_nothing(string carrier)
        => Assert.All(
            CompiledSkeleton.Of(carrier).GetNestedTypes().Where(type => type.IsValueType && !type.IsEnum),
            type => Assert.Equal((type.Name, 0L), (type.Name, (long)Generic(nameof(Allocated), type).Invoke(null, null)!)));

    [Fact]
    public void Text_within_a_struct_ends_at_its_nul()
    {
        var probe = new ValueProbe(CompiledSkeleton.Of("Layouts").GetNestedType("Text16")!);
        object left = probe.FromBytes([.. "bash\0leftover"u8, 0, 0, 0]);
        object right = probe.FromBytes([.. "bash\0"u8, .. new byte[11]]);

        Assert.Equal(left, right);
        Assert.Equal(left.GetHashCode(), right.GetHashCode());
    }

    [Theory]
    [InlineData("bash", true)]
    [InlineData("bas", false)]
    [InlineData("bash\0", false)]
    [InlineData("BASH", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Text_is_compared_with_a_string_by_its_characters(string? other, bool equal)
    {
        Type type = CompiledSkeleton.Of("Layouts").GetNestedType("Text16")!;
        object text = new ValueProbe(type).FromBytes([.. "bash\0leftover"u8, 0, 0, 0]);

        Assert.Equal(equal, type.GetMethod("Equals", [typeof(string)])!.Invoke(text, [other]));
    }

    private static void Compare<T>(Oracle oracle)
        where T : unmanaged, IEquatable<T>
    {
        var random = new Random(17);
        byte[] noNul = new byte[Unsafe.SizeOf<T>()];
        for (int i = 0; i < noNul.Length; i++)
        {
            noNul[i] = (byte)random.Next(1, 256);
        }

        Compare<T>(oracle, noNul);
        Compare<T>(oracle, new byte[noNul.Length]);
    }

    private static void Compare<T>(Oracle oracle, byte[] bytes)
        where T : unmanaged, IEquatable<T>
    {
        bool[] matters = oracle.BitsOf(typeof(T).Name, bytes);
        Assert.Equal(bytes.Length * 8, matters.Length);
        Comparison<T> equal = Operator<T>("op_Equality");
        Comparison<T> different = Operator<T>("op_Inequality");
        T value = MemoryMarshal.Read<T>(bytes);
        T same = MemoryMarshal.Read<T>(bytes);
        var keys = new Dictionary<T, int> { [value] = 1 };
        Assert.True(equal(in value, in same) && !different(in value, in same) && value.Equals((object)same) && keys.ContainsKey(same), typeof(T).Name);
        Assert.False(value.Equals(new object()));
        Assert.Equal(new Record<T>(value), new Record<T>(same));

        int differentHashes = 0;
        int step = 1 + (matters.Length / MostBits);
        for (int bit = 0; bit < matters.Length; bit += step)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            T other = MemoryMarshal.Read<T>(bytes);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            string where = $"{typeof(T).Name}, bit {bit}";
            Assert.True(equal(in value, in other) != matters[bit], where);
            Assert.True(different(in value, in other) == matters[bit], where);
            Assert.True(value.Equals(other) != matters[bit], where);
            Assert.True(keys.ContainsKey(other) != matters[bit], where);
            Assert.True(new Record<T>(value) == new Record<T>(other) != matters[bit], where);
            bool sameHash = value.GetHashCode() == other.GetHashCode();
            Assert.True(sameHash || matters[bit], where);
            differentHashes += sameHash ? 0 : 1;
        }

        // A hash that ignores most members would make a dictionary as slow as a list.
        int decisive = Enumerable.Range(0, (matters.Length + step - 1) / step).Count(i => matters[i * step]);
        Assert.True(differentHashes >= decisive * 9 / 10, $"{typeof(T).Name}: {differentHashes} of {decisive} bits are in the hash");
    }

    private static long Allocated<T>()
        where T : unmanaged, IEquatable<T>
    {
        Comparison<T> equal = Operator<T>("op_Equality");
        T left = default;
        T right = default;
        Use(100);

        // What the runtime allocates once, when it compiles a method again meanwhile, is not the comparison's.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 3 && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Use(1000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;

        void Use(int times)
        {
            for (int i = 0; i < times; i++)
            {
                if (!equal(in left, in right) || !left.Equals(right) || left.GetHashCode() != right.GetHashCode())
                {
                    throw new InvalidOperationException();
                }
            }
        }
    }

    private static Comparison<T> Operator<T>(string name)
        => typeof(T).GetMethod(name, BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<Comparison<T>>();

    private static MethodInfo Generic(string name, Type type)
        => typeof(ValueEqualityTests).GetMethods(BindingFlags.Static | BindingFlags.NonPublic).Single(method => method.Name == name && method.GetParameters().Length < 2 && method.IsGenericMethod)
            .MakeGenericMethod(type);

    private sealed record Record<T>(T Value);

    /// <summary>Returns which bits of a value belong to members that C# compares.</summary>
    private sealed class Oracle(ParsedSkeleton parsed)
    {
        private string Prefix => parsed.Skeleton.TypeReference + ".";

        public bool[] BitsOf(string name, byte[] bytes)
        {
            bool[] matters = new bool[bytes.Length * 8];
            MarkReference(Prefix + name, 0, bytes.Length, bytes, matters);
            return matters;
        }

        private void MarkReference(string reference, int at, int size, byte[] bytes, bool[] matters)
        {
            string name = reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : "";
            if (parsed.Named.FirstOrDefault(named => named.IsEmitted && named.Name == name) is { } named)
            {
                MarkType(named.Id, at * 8L, bytes, matters);
            }
            else if (parsed.Skeleton.Arrays.FirstOrDefault(array => array.Name == name) is { } array)
            {
                int element = array.Kind == ArrayKind.Boolean ? array.Size : array.Size / array.Length;
                for (int i = 0; i < array.Size; i += element)
                {
                    MarkReference(array.ElementType, at + i, element, bytes, matters);
                }
            }
            else if (parsed.Skeleton.Texts.Any(text => text.Name == name))
            {
                MarkText(at, size, bytes, matters);
            }
            else
            {
                Mark(at * 8L, size * 8L, matters);
            }
        }

        private void MarkType(int id, long bit, byte[] bytes, bool[] matters)
        {
            BtfTypes types = parsed.Types;
            BtfType type = types[types.SkipModifiers(id)];
            if (type.Kind == BtfKind.Array)
            {
                BtfType element = types[types.SkipModifiers(type.Array.ElementTypeId)];
                if (element is { Kind: BtfKind.Int, Size: 1, Name: "char" })
                {
                    MarkText((int)(bit / 8), (int)type.Array.Count, bytes, matters);
                    return;
                }

                for (int i = 0; i < type.Array.Count; i++)
                {
                    MarkType(type.Array.ElementTypeId, bit + (i * types.SizeOf(type.Array.ElementTypeId) * 8), bytes, matters);
                }
            }
            else if (type.IsComposite)
            {
                for (int i = 0; !KernelOwned.IsStruct(type) && i < type.Length; i++)
                {
                    BtfMember member = type.Member(i);
                    if (member.BitfieldSize > 0)
                    {
                        Mark(bit + member.BitOffset, member.BitfieldSize, matters);
                    }
                    else if (!KernelOwned.Is(types, member.TypeId))
                    {
                        MarkType(member.TypeId, bit + member.BitOffset, bytes, matters);
                    }
                }
            }
            else
            {
                Mark(bit, types.SizeOf(type.Id) * 8, matters);
            }
        }

        // The first NUL ends the text, and belongs to it: without it the text would be longer.
        private static void MarkText(int at, int length, byte[] bytes, bool[] matters)
        {
            int end = Array.IndexOf(bytes, (byte)0, at, length);
            Mark(at * 8L, (end < 0 ? length : end + 1 - at) * 8L, matters);
        }

        private static void Mark(long bit, long count, bool[] matters) => Array.Fill(matters, true, (int)bit, (int)count);
    }
}
