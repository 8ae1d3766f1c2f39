using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Generators.Emitting;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Parsing;

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

    [Theory]
    [InlineData("unions that double in a value")]
    [InlineData("structs that double in a value")]
    [InlineData("unions that double in a key")]
    [InlineData("unions of a name that double in a key")]
    [InlineData("a key of empty arrays")]
    [InlineData("member names that overlap")]
    public void WhatIsMadeToTakeLongIsToldInAMoment(string name)
    {
        string text = CarrierFile.TextOf("Minimal");
        string header = text[..(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)];
        byte[] image = HostileMaps.All[name]();
        var work = Work.Begin();

        AssertTold(header, image, name);

        Assert.InRange(work.Time, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(work.Bytes, 0, (32L << 20) + (image.Length * 512L));
    }

    [Fact]
    public void NamesThatEndTheirLineBeginNoOther()
    {
        string text = CarrierFile.TextOf("Minimal");
        string header = text[..(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)];
        SkeletonResult result = SkeletonParser.Parse(header + Convert.ToBase64String(HostileMaps.All["names that end their line"]()), "carrier");
        string code = SkeletonEmitter.Emit(result.Skeleton!);

        Assert.Contains("Injected", code, StringComparison.Ordinal);
        Assert.DoesNotContain(code.Split('\n', '\r', '\u0085', '\u2028', '\u2029'), static line => line.TrimStart().StartsWith("public int Injected", StringComparison.Ordinal));
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
