using System.Text;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Kernel.Events;

/// <summary>Records whose length the program chooses while it runs.</summary>
public sealed class RecordLengthTests : KernelTest
{
    [Fact]
    [Row("maps", "special field: bpf_dynptr")]
    public void Records_have_the_length_that_the_program_chooses()
    {
        Dynptrs live = Own(OrSkip(Absence.OfAnyHelper("bpf_dynptr_from_mem", "bpf_ringbuf_reserve_dynptr"), static () => Dynptrs.Open().Load()));
        byte[] text = Encoding.ASCII.GetBytes("0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqr");
        WriteText(live.Live.GetMap("texts"), text);
        foreach (ulong length in new ulong[] { 1, 23, 64 })
        {
            ulong argument = length;

            // What does not fit is refused when it is written: E2BIG.
            Assert.Equal(-Errno.E2BIG, (int)live.Programs.Write.TestRun(ref argument).ReturnValue);
        }

        var records = new List<string>();
        new BpfRingBuffer(live.Live.GetMap("records")).Consume(record => records.Add(Encoding.ASCII.GetString(record)));
        Assert.Equal(["0", "0123456789abcdefghijklm", Encoding.ASCII.GetString(text)], records);
    }

    private static unsafe void WriteText(BpfMapHandle map, byte[] text)
    {
        int key = 0;
        fixed (byte* start = text)
        {
            Assert.Equal(0, MapCalls.Update(map, &key, start, UpdateMode.Any));
        }
    }
}
