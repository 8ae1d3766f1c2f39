using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Tests.Unit.Hostile;

/// <summary>Reads each of <see cref="HostileObjects"/>, and mutants of it, in memory and time bounded by its size.</summary>
public sealed class HostileObjectTests
{
    // As for mutants of sound objects.
    private const long MemoryPerObject = 4 << 20;
    private const long MemoryPerByte = 512;
    private static readonly int s_mutants = Rounds.Of(400);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);
    private readonly BtfTypes _kernel = TestData.Btf(TestData.Elf("core-target.bpf.o"));

    public static TheoryData<string> Names => [.. HostileObjects.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_hostile_object_and_its_mutants_are_read_or_rejected_within_their_bounds(string name)
    {
        byte[] image = HostileObjects.All[name]();
        Walk(image, name);
        var random = new Random(name.Sum(static letter => letter * 7));
        for (int i = 0; i < s_mutants; i++)
        {
            Walk(ObjectMutation.Of(image, random), $"{name}, mutant {i}");
        }
    }

    [Theory]
    [InlineData("relocations that overlap", "overlap")]
    [InlineData("relocations of one section twice", "to which section .relsocket already applies")]
    [InlineData("data that overlaps", "overlap")]
    [InlineData("names that overlap", "overlap")]
    public void A_file_that_claims_its_bytes_more_than_once_is_rejected(string name, string says)
        => Assert.Contains(says, Assert.Throws<BpfObjectFormatException>(() => ElfObject.Read(HostileObjects.All[name](), "hostile")).Message, StringComparison.Ordinal);

    [Fact]
    public void Relocations_are_read_on_demand()
    {
        byte[] image = TestData.Bytes("small.bpf.o");
        ElfObject sound = ElfObject.Read(image, "sound");
        ElfSection relocations = sound.Sections.First(section => section.Type == ElfSectionType.Relocations && sound.Sections[section.Info].Name == "socket");
        byte[] other = [.. image];
        other.AsSpan((int)relocations.Offset, (int)relocations.Size).Fill(0xff);

        ElfObject damaged = ElfObject.Read(other, "damaged");

        Assert.Contains("symbol", Assert.Throws<BpfObjectFormatException>(() => damaged.RelocationsOf(damaged.FindSection("socket")!)).Message, StringComparison.Ordinal);
        Assert.Same(sound.RelocationsOf(sound.FindSection("socket")!), sound.RelocationsOf(sound.FindSection("socket")!));
    }

    private void Walk(byte[] image, string what)
    {
        var work = Work.Begin();
        try
        {
            ObjectWalk.Whole(image, _kernel);
        }
        catch (BpfException)
        {
            // It is reported as damaged, which is enough.
        }

        TimeSpan took = work.Time;
        long used = work.Bytes;
        Assert.True(used <= MemoryPerObject + (MemoryPerByte * image.Length) && took <= s_longest, $"{what}, {image.Length} bytes: {used} bytes allocated in {took}");
    }
}
