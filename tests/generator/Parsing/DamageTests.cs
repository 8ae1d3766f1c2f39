using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Generators.Emitting;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Parsing;

namespace Hypermesh.Bpf.Tests.Generator.Parsing;

/// <summary>Objects with bytes changed at random: a model or a diagnostic, never a crash, and never the generator's own fault.</summary>
public sealed class DamageTests
{
    private const int Rounds = 400;

    [Theory]
    [InlineData("Events", 1)]
    [InlineData("Layouts", 2)]
    [InlineData("Sums", 3)]
    [InlineData("Torture", 4)]
    public void Changed_bytes_are_reported_or_make_no_difference(string carrier, int seed)
    {
        Carrier whole = CarrierReader.Read(CarrierFile.TextOf(carrier));
        byte[] image = whole.Image;
        var random = new Random(seed);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] damaged = [.. image];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            AssertTold(whole, damaged, $"seed {seed}, round {round}");
        }
    }

    [Theory]
    [InlineData("Events")]
    [InlineData("Layouts")]
    public void A_carrier_cut_anywhere_is_reported(string carrier)
    {
        Carrier whole = CarrierReader.Read(CarrierFile.TextOf(carrier));
        byte[] image = whole.Image;
        for (int length = 1; length < image.Length; length += 7)
        {
            AssertTold(whole, image[..length], $"{length} bytes");
        }
    }

    [Theory]
    [InlineData("unions that double in a value")]
    [InlineData("structs that double in a value")]
    [InlineData("unions that double in a key")]
    [InlineData("unions of a name that double in a key")]
    [InlineData("a key of empty arrays")]
    [InlineData("member names that overlap")]
    public void Objects_made_to_take_long_are_rejected_at_once(string name)
    {
        Carrier whole = CarrierReader.Read(CarrierFile.TextOf("Minimal"));
        byte[] image = HostileMaps.All[name]();
        var work = Work.Begin();

        AssertTold(whole, image, name);

        Assert.InRange(work.Time, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(work.Bytes, 0, (32L << 20) + (image.Length * 512L));
    }

    [Fact]
    public void Line_ends_in_names_start_no_other_line()
    {
        Carrier whole = CarrierReader.Read(CarrierFile.TextOf("Minimal"));
        SkeletonResult result = Parse(whole, HostileMaps.All["names that end their line"]());
        string code = SkeletonEmitter.Emit(result.Skeleton!);

        Assert.Contains("Injected", code, StringComparison.Ordinal);
        Assert.DoesNotContain(code.Split('\n', '\r', '\u0085', '\u2028', '\u2029'), static line => line.TrimStart().StartsWith("public int Injected", StringComparison.Ordinal));
    }

    // Damaged before it became a carrier: with its own hash.
    private static SkeletonResult Parse(Carrier whole, byte[] image) => SkeletonParser.Parse(CarrierWriter.Text(CarrierWriter.Header(whole), [], image), "carrier");

    private static void AssertTold(Carrier whole, byte[] image, string what)
    {
        SkeletonResult result = Parse(whole, image);

        Assert.True(result.Skeleton is not null || result.Diagnostics.Count > 0, what);
        Assert.All(result.Diagnostics, found => Assert.True(found.Id != DiagnosticIds.InternalError, $"{what}: {string.Join(' ', found.Arguments)}"));
        if (result.Skeleton is not null)
        {
            Assert.NotEmpty(SkeletonEmitter.Emit(result.Skeleton));
        }
    }
}
