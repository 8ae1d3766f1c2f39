using System.Globalization;
using System.Numerics;
using System.Reflection;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Tasks.Layouts;
using Microsoft.CodeAnalysis;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>Every shape BTF has, in one file: how it lies, how it reads and writes, what is offered of it.</summary>
public sealed class TortureTests
{
    private static readonly Lazy<(byte[] Image, Type Skeleton)> s_compiled = new(Compile);

    private static Type Skeleton => s_compiled.Value.Skeleton;

    [Fact]
    public void Nothing_is_left_out() => Assert.Empty(GeneratorRun.Of("Torture").Diagnostics.Where(found => found.Severity != DiagnosticSeverity.Info));

    [Fact]
    public void Structs_have_the_layout_bpftool_prints()
    {
        Machine.Need("bpftool");
        using var compiled = new CompiledLayouts(new MemoryStream(s_compiled.Value.Image));
        OnFile(bindings =>
        {
            var problems = new List<string>();
            int compared = bindings.CompareWith(BpftoolTypes.Of(bindings.Path), compiled, problems);

            Assert.Empty(problems);
            Assert.True(compared > 150, $"only {compared} sizes and offsets were compared");
        });
    }

    [Fact]
    public void Structs_have_the_layout_of_the_compiler()
    {
        string clang = Machine.Clang();
        using var compiled = new CompiledLayouts(new MemoryStream(s_compiled.Value.Image));
        OnFile(bindings =>
        {
            string source = Path.Combine(AppContext.BaseDirectory, "Carriers", "torture.bpf.c");
            string[] assertions = [.. bindings.Assertions(compiled)];
            string probe = Path.ChangeExtension(bindings.Path, ".c");
            File.WriteAllText(probe, $"#include \"{source}\"\n" + string.Join('\n', assertions) + "\n");
            (int code, string output) = Machine.Run(
                clang, "-target", "bpfel", "-fsyntax-only", "-w", $"-I/usr/include/{RuntimeArchitecture()}-linux-gnu", "-I" + Path.Combine(Machine.Repository, "msbuild", "Hypermesh.BpfSdk", "include"), probe);

            Assert.True(code == 0, output);
            Assert.True(assertions.Length > 200, $"only {assertions.Length} sizes and offsets were asserted");
        });
    }

    [Theory]
    [InlineData("WideBits", "FortyOne", 0, 41, false)]
    [InlineData("WideBits", "SignedTwenty", 41, 20, true)]
    [InlineData("WideBits", "SignedSixtyThree", 64, 63, true)]
    [InlineData("WideBits", "Last", 127, 1, false)]
    [InlineData("WideBits", "Letter", 128, 3, true)]
    [InlineData("WideBits", "Octet", 131, 5, false)]
    [InlineData("PackedWideBits", "Head", 0, 3, false)]
    [InlineData("PackedWideBits", "Whole", 3, 64, false)]
    [InlineData("PackedWideBits", "Across", 67, 61, true)]
    [InlineData("PackedWideBits", "Hundred", 128, 100, false)]
    [InlineData("PackedWideBits", "SignedHundred", 228, 100, true)]
    [InlineData("BitsInUnion", "Low", 0, 12, false)]
    [InlineData("BitsInUnion", "High", 24, 8, false)]
    [InlineData("BitsInUnion", "Sign", 0, 1, true)]
    public void Bitfields_read_and_write_their_bits_and_no_others(string type, string property, int offset, int width, bool isSigned)
    {
        var probe = new ValueProbe(Skeleton.GetNestedType(type)!);
        var random = new Random(width);
        for (int round = 0; round < 50; round++)
        {
            byte[] bytes = new byte[probe.Size];
            random.NextBytes(bytes);
            BigInteger whole = new(bytes, isUnsigned: true);
            BigInteger mask = (BigInteger.One << width) - 1;
            BigInteger raw = (whole >> offset) & mask;
            BigInteger expected = isSigned && !(raw >> (width - 1)).IsZero ? raw - (BigInteger.One << width) : raw;
            Assert.Equal(expected, ToNumber(probe.Get(bytes, property)));

            byte[] other = new byte[probe.Size];
            random.NextBytes(other);
            BigInteger wanted = (whole & ~(mask << offset)) | (((new BigInteger(other, isUnsigned: true) >> offset) & mask) << offset);
            Assert.Equal(wanted, new BigInteger(probe.Set(bytes, property, probe.Get(other, property)), isUnsigned: true));
        }
    }

    [Theory]
    [InlineData("Tiny", typeof(byte), "TinyB", "255")]
    [InlineData("TinySigned", typeof(sbyte), "TinyBelow", "-128")]
    [InlineData("Middle", typeof(ushort), "MiddleA", "4660")]
    [InlineData("MiddleSigned", typeof(short), "MiddleBelow", "-300")]
    [InlineData("Large", typeof(uint), "LargeA", "4294967295")]
    [InlineData("Huge", typeof(ulong), "HugeA", "4294967296")]
    [InlineData("HugeSigned", typeof(long), "HugeBelow", "-4294967296")]
    public void Enums_have_the_size_and_sign_of_C(string type, Type underlying, string constant, string value)
    {
        Type found = Skeleton.GetNestedType(type)!;

        Assert.Equal(underlying, Enum.GetUnderlyingType(found));
        Assert.Equal(value, ((Enum)Enum.Parse(found, constant)).ToString("D"));
    }

    [Fact]
    public void Arrays_of_booleans_are_indexed_as_booleans()
    {
        var probe = new ValueProbe(Skeleton.GetNestedType("BooleanArray5")!);
        PropertyInfo item = probe.Type.GetProperty("Item")!;
        object value = probe.FromBytes([0, 1, 2, 0, 0]);

        Assert.Equal([false, true, true, false, false], Enumerable.Range(0, 5).Select(i => (bool)item.GetValue(value, [i])!));
        item.SetValue(value, true, [4]);
        item.SetValue(value, false, [1]);
        Assert.Equal([0, 0, 2, 0, 1], probe.ToBytes(value));
        Assert.IsType<IndexOutOfRangeException>(Assert.Throws<TargetInvocationException>(() => item.GetValue(value, [5])).InnerException);
    }

    [Fact]
    public void Arrays_in_network_order_are_swapped_only_by_their_methods()
    {
        var probe = new ValueProbe(Skeleton.GetNestedType("BigEndianUInt16Array4")!);
        object value = probe.FromBytes([1, 187, 0, 80, 0, 0, 0, 0]);

        Assert.Equal((ushort)443, probe.Type.GetMethod("HostOrder")!.Invoke(value, [0]));
        probe.Type.GetMethod("SetHostOrder")!.Invoke(value, [3, (ushort)8080]);
        Assert.Equal([1, 187, 0, 80, 0, 0, 31, 144], probe.ToBytes(value));
    }

    [Theory]
    [InlineData("BpfSpinLock", 4)]
    [InlineData("BpfTimer", 16)]
    public void A_struct_of_the_kernel_has_its_size_and_no_members(string type, int size)
    {
        Type owned = Skeleton.GetNestedType(type)!;

        Assert.Equal(size, new ValueProbe(owned).Size);
        Assert.Empty(owned.GetFields());
        Assert.Empty(owned.GetProperties());
    }

    [Fact]
    public void A_struct_with_fields_of_the_kernel_shows_the_other_fields()
        => Assert.Equal(["After", "Before"], Skeleton.GetNestedType("Owned")!.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(member => member is not MethodInfo).Select(member => member.Name).Order());

    [Theory]
    [InlineData("Queue", "BpfQueue<OverAligned>")]
    [InlineData("Stack", "BpfStack<BitsInUnion>")]
    [InlineData("Bloom", "BpfBloomFilter<UInt32>")]
    [InlineData("Trie", "BpfLpmTrie<TrieKey, FlexibleText>")]
    [InlineData("OuterCounts", "BpfArrayOfMaps<BpfPerCpuHashMap<Element, OuterCountsInnerValue>>")]
    [InlineData("OuterRings", "BpfHashOfMaps<Element, BpfRingBuffer>")]
    [InlineData("OuterUnknown", "BpfHashOfMaps<UInt16, BpfUntypedMap>")]
    [InlineData("Events", "BpfCountedRingBuffer<Event>")]
    [InlineData("Samples", "BpfPerfEventArray<Sample>")]
    [InlineData("Closes", "BpfPerfEventArray<Closed>")]
    [InlineData("PlainPerf", "BpfPerfEventArray")]
    [InlineData("Commands", "BpfUserRingBuffer<Opened>")]
    [InlineData("BytesIn", "BpfUserRingBuffer")]
    public void Maps_are_typed(string map, string type)
        => Assert.Equal(type, Show(Skeleton.GetNestedType("MapSet")!.GetProperty(map)!.PropertyType));

    [Theory]
    [InlineData("Event", "Opened", 28)]
    [InlineData("Event", "Closed", 16)]
    [InlineData("Sample", "SampleFault", 16)]
    public void Records_of_several_kinds_are_as_long_as_their_kind(string record, string kind, int size)
    {
        Type type = Skeleton.GetNestedType(record)!;
        Type held = Skeleton.GetNestedType(kind)!;
        var probe = new ValueProbe(type);
        MethodInfo sizeOf = type.GetMethod("SizeOf")!;
        MethodInfo tryGet = type.GetMethod("TryGet")!.MakeGenericMethod(held);

        int[] found = [.. Enumerable.Range(0, 32).Where(value => (bool)tryGet.Invoke(probe.FromBytes(First(value, probe.Size)), [null])!)];

        Assert.NotEmpty(found);
        Assert.All(found, value => Assert.Equal(size, sizeOf.Invoke(null, [probe.FromBytes(First(value, probe.Size))])));
        Assert.Equal(4, sizeOf.Invoke(null, [probe.FromBytes(First(31, probe.Size))]));
    }

    [Theory]
    [InlineData("Port", "UInt16", "set")]
    [InlineData("PortHostOrder", "UInt16", "set")]
    [InlineData("Network", "UInt32", "get")]
    [InlineData("Enabled", "Boolean", "get")]
    [InlineData("Switches", "BooleanArray3", "set")]
    [InlineData("PerCpu", "BpfGlobalArray<UInt64>", "get")]
    [InlineData("Table", "BpfGlobalArray<Element>", "get")]
    [InlineData("Limits", "BpfConstantArray<UInt32>", "get")]
    [InlineData("BeforeLimits", "UInt32", "get")]
    [InlineData("LargeArray", "BpfGlobalArray<Byte>", "get")]
    [InlineData("LinuxKernelVersion", "Int32", "get")]
    [InlineData("ConfigBpfSyscall", "Boolean", "get")]
    [InlineData("ConfigIkconfig", "LibbpfTristate", "get")]
    [InlineData("ConfigDefaultHostname", "Text16", "get")]
    [InlineData("ConfigHz", "UInt64", "get")]
    public void Globals_of_every_section_are_there(string global, string type, string access)
    {
        PropertyInfo property = Skeleton.GetNestedType("GlobalSet")!.GetProperty(global)!;

        Assert.Equal(type, Show(property.PropertyType));
        Assert.Equal(access == "set", property.CanWrite);
    }

    [Fact]
    public void What_only_the_programs_use_is_not_shown()
    {
        Type globals = Skeleton.GetNestedType("GlobalSet")!;

        Assert.Null(globals.GetProperty("PrivateLock"));
        Assert.DoesNotContain(globals.GetProperties(), property => property.Name.StartsWith("HmKeep", StringComparison.Ordinal));
    }

    [Fact]
    public void Options_of_the_kernel_cannot_be_set_before_the_load()
        => Assert.DoesNotContain(Skeleton.GetNestedType("Spec")!.GetNestedType("GlobalSet")!.GetProperties(), property => property.Name.StartsWith("Config", StringComparison.Ordinal));

    private static byte[] First(int value, int size)
    {
        byte[] bytes = new byte[size];
        bytes[0] = (byte)value;
        return bytes;
    }

    private static (byte[], Type) Compile()
    {
        using var image = new MemoryStream();
        Microsoft.CodeAnalysis.Emit.EmitResult result = GeneratorRun.Of("Torture").Whole().Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        byte[] bytes = image.ToArray();
        return (bytes, Assembly.Load(bytes).GetType("Carriers.Sample.Torture", throwOnError: true)!);
    }

    private static void OnFile(Action<Bindings> test)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, CarrierReader.Read(CarrierFile.TextOf("Torture")).Image);
            test(Bindings.Of(path, "bpf/torture.bpf.c", "Carriers.Sample", "Torture")!);
        }
        finally
        {
            File.Delete(path);
            File.Delete(Path.ChangeExtension(path, ".c"));
        }
    }

    private static BigInteger ToNumber(object value) => value switch
    {
        Int128 signed => (BigInteger)signed,
        UInt128 unsigned => (BigInteger)unsigned,
        _ => BigInteger.Parse(((IFormattable)value).ToString("D", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
    };

    private static string Show(Type type)
        => type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Show))}>" : type.Name;

    private static string RuntimeArchitecture()
        => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64";
}
