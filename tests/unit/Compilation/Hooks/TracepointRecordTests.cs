using Hypermesh.Bpf.Compilation.Assembling;
using Hypermesh.Bpf.Compilation.Hooks;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Compilation.Hooks;

/// <summary>Fields of a tracepoint's record, in the forms that kernels from 5.10 on write.</summary>
public sealed class TracepointRecordTests
{
    private const string Format = """
        name: sample
        ID: 7
        format:
        	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
        	field:int common_pid;	offset:4;	size:4;	signed:1;

        	field:char prev_comm[16];	offset:8;	size:16;	signed:0;
        	field:pid_t prev_pid;	offset:24;	size:4;	signed:1;
        	field:long prev_state;	offset:32;	size:8;	signed:1;
        	field:__data_loc char[] name;	offset:40;	size:4;	signed:0;
        	field:__rel_loc char[] other;	offset:44;	size:4;	signed:0;
        	field:const char * filename;	offset:48;	size:8;	signed:0;
        	field:struct task_struct * task;	offset:56;	size:8;	signed:0;
        	field:unsigned long args[6];	offset:64;	size:48;	signed:0;
        	field:__data_loc unsigned long[] words;	offset:112;	size:4;	signed:0;

        print fmt: "%s", REC->prev_comm
        """;

    [Fact]
    public void Fields_have_their_places_and_forms()
    {
        var writer = new BtfWriter();
        int task = writer.Struct("task_struct", 8, []);
        int letter = writer.Integer("char", 1, BtfIntEncoding.Signed);
        BtfTypes types = BtfTypes.Read(writer.ToArray(), "test");

        IReadOnlyList<HookArgument> fields = TracepointRecord.Read(Format, "syscalls", types);

        Assert.Equal(
            [
                ("prev_comm", "char[16]", 8, 16, ArgumentForm.Text), ("prev_pid", "pid_t", 24, 4, ArgumentForm.Value), ("prev_state", "long", 32, 8, ArgumentForm.Value),
                ("name", "__data_loc char[]", 40, 4, ArgumentForm.TextInRecord), ("other", "__rel_loc char[]", 44, 4, ArgumentForm.TextBehind),
                ("filename", "const char *", 48, 8, ArgumentForm.Value), ("task", "struct task_struct *", 56, 8, ArgumentForm.Value),
            ],
            fields.Select(static one => (one.Name, one.Type, one.Offset, one.Size, one.Form)));
        Assert.Equal([("prev_pid", true), ("prev_state", true), ("filename", false), ("task", false)], fields.Where(static one => one.Form == ArgumentForm.Value).Select(static one => (one.Name, one.IsSigned)));
        Assert.Equal([(letter, PointerAccess.User), (task, PointerAccess.User)], fields.Where(static one => one.IsPointer).Select(static one => (one.Pointee, one.Access)));
        Assert.All(TracepointRecord.Read(Format, "sched", types).Where(static one => one.IsPointer), static one => Assert.Equal(PointerAccess.Kernel, one.Access));
    }

    [Theory]
    [InlineData("")]
    [InlineData("field:;offset:1;size:1;")]
    [InlineData("field:int a;\toffset:99999999;\tsize:4;\tsigned:1;")]
    public void What_has_no_fields_gives_none(string format) => Assert.Empty(TracepointRecord.Read(format, "sched", BtfTypes.Read(new BtfWriter().ToArray(), "test")));
}
