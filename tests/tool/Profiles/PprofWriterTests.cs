using Hypermesh.Bpf.Compilation.Profiling;
using Hypermesh.Bpf.Tests.Unit.Support;
using Hypermesh.Bpf.Tool.Profiles;

namespace Hypermesh.Bpf.Tests.Tool.Profiles;

/// <summary>A profile as pprof reads it, by the field numbers of its published profile.proto.</summary>
public sealed class PprofWriterTests
{
    [Fact]
    public void Stacks_are_samples_whose_locations_lead_to_the_names_of_their_functions()
    {
        var profile = new Profile(
            [new ProfiledStack(7, "one", ["main", "work"], 60), new ProfiledStack(8, "other", ["main"], 3), new ProfiledStack(9, "one", [], 1)],
            Lost: 0, WithoutStack: 0, Frames: 2, WithoutName: 0);

        List<ProtobufField> message = ProtobufField.Read(new PprofWriter().Message(profile, new ProfileOptions(99, OffCpu: false, null), DateTimeOffset.UnixEpoch.AddSeconds(5), TimeSpan.FromSeconds(2)).ToArray());

        string[] strings = [.. message.Where(static field => field.Number == 6).Select(static field => field.Text)];
        Assert.Equal("", strings[0]);
        Dictionary<ulong, string> functions = message.Where(static field => field.Number == 5).ToDictionary(static one => Value(one, 1), one => strings[Value(one, 2)]);
        Dictionary<ulong, string> locations = message.Where(static field => field.Number == 4)
            .ToDictionary(static one => Value(one, 1), one => functions[Value(one.Message.Single(static field => field.Number == 4), 1)]);
        Assert.Equal(
            [("work,main,one", 60ul), ("main,other", 3ul), ("one", 1ul)],
            message.Where(static field => field.Number == 2).Select(sample => (string.Join(',', sample.Message.Where(static field => field.Number == 1).Select(field => locations[field.Value])), Value(sample, 2))));

        ProtobufField type = message.Single(static field => field.Number == 1);
        Assert.Equal(("samples", "count"), (strings[Value(type, 1)], strings[Value(type, 2)]));
        Assert.Equal((5_000_000_000ul, 2_000_000_000ul), (message.Single(static field => field.Number == 9).Value, message.Single(static field => field.Number == 10).Value));
    }

    private static ulong Value(ProtobufField of, int number) => of.Message.Single(field => field.Number == number).Value;
}
