using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.Bpf.Tests.Generator.Carriers;

/// <summary>What the build task writes is what the generator reads.</summary>
public sealed class CarrierTests
{
    private static readonly string[] s_notes = ["doc struct event.pid\t7\t8\tevents.h\tThe process.\\nAnd no thread.", "order 12\t\tport\tevent\t80\tWrite bpf_htons(80)", "mistake HMBPF2534\t13\town.h\t__data_loc_a\\tb"];

    private static Carrier Whole { get; } = new("bpf/exec.bpf.c", "App.Bpf", "Exec", "internal", "Hypermesh.Bpf/App.Bpf.Exec.bpf.o", [.. Enumerable.Range(0, 200).Select(static i => (byte)i)])
    {
        Root = "../../",
        OldestKernel = new Version(6, 1),
    };

    [Fact]
    public void Each_fact_is_read_as_it_was_written()
    {
        Carrier read = CarrierReader.Read(TextOf(Whole));

        Assert.Equal(Whole with { Image = read.Image, Notes = read.Notes, Orders = read.Orders, Mistakes = read.Mistakes }, read);
        Assert.Equal(Whole.Image, read.Image);
        Assert.Equal(new SourceNote("../../events.h", "events.h", 7, "The process.\nAnd no thread."), Assert.Single(read.Notes).Value);
        Assert.Equal(new OrderLine(12, "", "port", "event", "80", "Write bpf_htons(80)"), Assert.Single(read.Orders));
        Assert.Equal(new MistakeLine("HMBPF2534", 13, "own.h", new[] { "__data_loc_a\tb" }.ToEquatableArray()), Assert.Single(read.Mistakes));
    }

    [Fact]
    public void What_is_empty_is_read_as_empty()
    {
        Carrier bare = Whole with { Namespace = "", Root = "", OldestKernel = null };
        Carrier read = CarrierReader.Read(TextOf(bare));

        Assert.Equal(bare with { Image = read.Image, Notes = read.Notes, Orders = read.Orders, Mistakes = read.Mistakes }, read);
    }

    [Fact]
    public void Notes_are_found_among_the_facts() => Assert.Equal(s_notes, CarrierFormat.NotesOf(TextOf(Whole)));

    [Fact]
    public void Every_line_of_the_header_is_read()
    {
        string[] lines = TextOf(Whole).Split("\n\n")[0].Split('\n');

        Assert.All(lines, line =>
        {
            string without = TextOf(Whole).Replace(line + "\n", "", StringComparison.Ordinal);
            Carrier? read = null;
            try
            {
                read = CarrierReader.Read(without);
            }
            catch (CarrierException)
            {
                // Needed, and said to be missing.
            }

            Assert.True(read is null || Facts(read) != Facts(CarrierReader.Read(TextOf(Whole))), line);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(199)]
    public void An_object_with_a_changed_byte_is_rejected(int at)
    {
        byte[] other = [.. Whole.Image];
        other[at] ^= 1;
        string text = TextOf(Whole).Split("\n\n")[0] + "\n\n" + Convert.ToBase64String(other) + "\n";

        Assert.Contains("does not have the sha256 of the header", Assert.Throws<CarrierException>(() => CarrierReader.Read(text)).Message, StringComparison.Ordinal);
    }

    // A line of 76 letters is 57 bytes.
    [Fact]
    public void An_object_that_ends_with_a_line_is_rejected()
    {
        string text = TextOf(Whole);

        Assert.Throws<CarrierException>(() => CarrierReader.Read(text[..(text.TrimEnd('\n').LastIndexOf('\n') + 1)]));
    }

    private static string Facts(Carrier carrier)
        => $"{carrier.Source} {carrier.Root} {carrier.Namespace} {carrier.ClassName} {carrier.Accessibility} {carrier.Resource} {carrier.OldestKernel} {carrier.Notes.Count} {carrier.Orders.Count} {carrier.Mistakes.Count}";

    private static string TextOf(Carrier carrier) => CarrierWriter.Text(CarrierWriter.Header(carrier), s_notes, carrier.Image);
}
