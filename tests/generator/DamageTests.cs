using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Generators.Carriers;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Emitting;
using Hypermesh.BpfSdk.Generators.Parsing;

namespace Hypermesh.Bpf.Tests.Generator;

/// <summary>Objects with bytes changed at random: a model or a diagnostic, never a crash, and never the generator's own fault.</summary>
public sealed class DamageTests
{
    private const int Rounds = 400;

    [Theory]
    [InlineData("Events", 1)]
    [InlineData("Layouts", 2)]
    [InlineData("Sums", 3)]
    [InlineData("Torture", 4)]
    public void ChangedBytesAreToldOrMakeNoDifference(string carrier, int seed)
    {
        string text = CarrierFile.TextOf(carrier);
        string header = text[..(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)];
        byte[] image = CarrierReader.Read(text).Image;
        var random = new Random(seed);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] damaged = [.. image];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            AssertTold(header, damaged, $"seed {seed}, round {round}");
        }
    }

    [Theory]
    [InlineData("Events")]
    [InlineData("Layouts")]
    public void EveryCutIsTold(string carrier)
    {
        string text = CarrierFile.TextOf(carrier);
        string header = text[..(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)];
        byte[] image = CarrierReader.Read(text).Image;
        for (int length = 1; length < image.Length; length += 7)
        {
            AssertTold(header, image[..length], $"{length} bytes");
        }
    }

    private static void AssertTold(string header, byte[] image, string what)
    {
        SkeletonResult result = SkeletonParser.Parse(header + Convert.ToBase64String(image), "carrier");

        Assert.True(result.Skeleton is not null || result.Diagnostics.Count > 0, what);
        Assert.All(result.Diagnostics, found => Assert.True(found.Id != DiagnosticIds.InternalError, $"{what}: {string.Join(' ', found.Arguments)}"));
        if (result.Skeleton is not null)
        {
            Assert.NotEmpty(SkeletonEmitter.Emit(result.Skeleton));
        }
    }
}
