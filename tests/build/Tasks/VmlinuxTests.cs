using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks;

/// <summary>C that includes the kernel's own types, made in the build: what it names, or all of them.</summary>
public sealed class VmlinuxTests(PackedFeed feed)
{
    private const string NamesAField =
        """
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_core_read.h>

        /* struct file is in a comment only */
        __u32 last;

        SEC("tp_btf/sched_process_exit")
        int on_exit(__u64 *ctx)
        {
        	struct task_struct *task = (struct task_struct *)ctx[0];

        	last = BPF_CORE_READ(task, real_parent, tgid);
        	return 0;
        }

        char LICENSE[] SEC("license") = "Dual BSD/GPL";

        """;

    // The package's own headers take what they need from vmlinux.h, where that comes first.
    [Theory]
    [InlineData("pruned")]
    [InlineData("whole")]
    public void The_headers_of_the_package_can_be_included_beside_it(string how)
    {
        using UserProject project = UserProject.Console(feed, properties: $"<BpfVmlinux>{how}</BpfVmlinux>");
        project.Write("forks.bpf.c", """
            #include "vmlinux.h"
            #include <bpf/bpf_helpers.h>
            #include <bpf/bpf_core_read.h>
            #include <bpf/bpf_tracing.h>
            #include <hypermesh/ringbuf.h>
            #include <hypermesh/histogram.h>
            #include <hypermesh/tracepoint.h>
            #include <hypermesh/event.h>
            #include <hypermesh/optional.h>

            struct event {
            	__u32 pid;
            	__u32 slot;
            	char comm[16];
            };

            HM_RINGBUF(events, struct event, 64 * 1024);

            SEC("tp_btf/sched_process_fork")
            int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
            {
            	struct event *event = hm_reserve(events);

            	if (!event)
            		return 0;
            	event->pid = child->tgid;
            	event->slot = hm_exp2_slot(child->start_time, 64);
            	bpf_probe_read_kernel_str(event->comm, sizeof(event->comm), child->comm);
            	bpf_ringbuf_submit(event, 0);
            	return 0;
            }

            char LICENSE[] SEC("license") = "Dual BSD/GPL";

            """);

        project.Build("-p:TreatWarningsAsErrors=true", $"-p:BpfVerify={Environment.IsPrivilegedProcess}").Succeeded();
    }

    [Theory]
    [InlineData("pruned")]
    [InlineData("whole")]
    public void The_header_has_what_the_C_names(string kind)
    {
        Assert.SkipUnless(File.Exists("/sys/kernel/btf/vmlinux"), "this kernel has no types");
        using UserProject project = UserProject.Console(feed, properties: $"<BpfVmlinux>{kind}</BpfVmlinux>");
        project.Write("exits.bpf.c", NamesAField);

        Assert.Equal(1, project.Build("-warnaserror").Succeeded().ClangRuns);
        string header = project.PathOf("obj/Debug/net10.0/bpf/kernel/vmlinux.h");
        Assert.Contains("struct task_struct {", File.ReadAllText(header), StringComparison.Ordinal);

        // Nothing is made again, and after a change that names nothing new neither is the header.
        Assert.Equal(0, project.Build("-warnaserror").Succeeded().ClangRuns);
        DateTime written = File.GetLastWriteTimeUtc(header);
        project.Write("exits.bpf.c", NamesAField.Replace("last = ", "last += "));
        Assert.Equal(1, project.Build("-warnaserror").Succeeded().ClangRuns);
        Assert.Equal(written, File.GetLastWriteTimeUtc(header));
    }

    [Fact]
    public void Types_of_a_chain_of_reads_are_there_without_being_named()
    {
        using UserProject project = UserProject.Console(feed, properties: "<BpfVmlinux>pruned</BpfVmlinux><BpfVmlinuxTypes>kernel.o</BpfVmlinuxTypes>");
        Compile(project, "kernel", "struct far_away { int unread; }; struct inode { int i_ino; struct far_away *other; }; struct file { struct inode *f_inode; }; struct holder { struct { struct file *exe_file; }; }; struct task_struct { int tgid; struct holder *mm; }; struct shared { int same; }; struct far_away far; struct inode inode; struct file file; struct holder holder;");
        project.Write("exits.bpf.c", NamesAField.Replace("task, real_parent, tgid", "task, mm, exe_file, f_inode, i_ino", StringComparison.Ordinal));

        project.Build("-warnaserror").Succeeded();

        string header = File.ReadAllText(project.PathOf("obj/Debug/net10.0/bpf/kernel/vmlinux.h"));
        Assert.All((string[])["holder", "file", "inode"], name => Assert.Contains($"struct {name} {{", header, StringComparison.Ordinal));
        Assert.DoesNotContain("struct far_away {", header, StringComparison.Ordinal);
    }

    [Fact]
    public void Types_that_only_a_header_of_the_project_names_are_there_and_follow_its_edits()
    {
        using UserProject project = UserProject.Console(
            feed,
            properties: "<BpfVmlinux>pruned</BpfVmlinux><BpfVmlinuxTypes>kernel.o</BpfVmlinuxTypes>",
            items: """<BpfCompile Update="exits.bpf.c" IncludePaths="shared" AdditionalOptions="-include forced.h" /><BpfIncludePath Include="linked/../packaged" />""");
        Compile(project, "kernel", string.Concat(Enumerable.Range(1, 9).Select(static i => $"struct only_{i} {{ int field_{i}; }} one_{i}; ")) + "struct shared { int same; }; struct task_struct { int tgid; struct task_struct *real_parent; }; ");
        project.Write("exits.bpf.c", "#include \"vmlinux.h\"\n#include \"own.h\"\n#define INDIRECT <indirect.h>\n#include INDIRECT\n" + NamesAField.Replace("#include \"vmlinux.h\"", ""));
        project.Write("own.h", "#pragma once\n#include \"folder/inner.h\"\nstruct own_1 { struct only_1 one; };\n");
        project.Write("folder/inner.h", "#pragma once\n # include \"beside.h\"\n#include <shared.h>\n#include <packaged.h>\n#include \"../own.h\"\nstruct own_2 { struct only_2 two; };\n");
        project.Write("folder/beside.h", "struct own_3 { struct only_3 three; };\n");
        project.Write("shared/shared.h", "struct own_4 { struct only_4 four; };\n");
        // Up from where the link leads.
        project.Write("far/packaged/packaged.h", "struct own_5 { struct only_5 five; };\n");
        Directory.CreateDirectory(project.PathOf("far/inner"));
        File.CreateSymbolicLink(project.PathOf("linked"), "far/inner");
        project.Write("forced.h", "struct only_6;\n");
        project.Write("shared/indirect.h", "struct own_7 { struct only_7 seven; };\n");

        Assert.Equal(1, project.Build().Succeeded().ClangRuns);
        string header = project.PathOf("obj/Debug/net10.0/bpf/kernel/vmlinux.h");
        Assert.All(Enumerable.Range(1, 7), i => Assert.Contains($"struct only_{i} {{", File.ReadAllText(header), StringComparison.Ordinal));
        Assert.DoesNotContain("struct only_8", File.ReadAllText(header), StringComparison.Ordinal);
        Assert.Equal(0, project.Build().Succeeded().ClangRuns);

        // Another header in its place, older than every output.
        project.Write("folder/beside.h", "struct own_3 { struct only_8 eight; };\n");
        File.SetLastWriteTimeUtc(project.PathOf("folder/beside.h"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        project.Build().Succeeded();
        Assert.Contains("struct only_8 {", File.ReadAllText(header), StringComparison.Ordinal);
        Assert.DoesNotContain("struct only_3", File.ReadAllText(header), StringComparison.Ordinal);

        // A header that comes earlier in the search than the one that was taken.
        project.Write("folder/shared.h", "struct own_4 { struct only_9 nine; };\n");
        project.Write("folder/inner.h", "#pragma once\n#include \"shared.h\"\n");
        Assert.Equal(1, project.Build().Succeeded().ClangRuns);
        Assert.Contains("struct only_9 {", File.ReadAllText(header), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_kernels_both_forms_of_a_type_are_there()
    {
        using UserProject project = UserProject.Console(feed, properties: "<BpfVmlinux>pruned</BpfVmlinux><BpfVmlinuxTypes>new.o;old.o</BpfVmlinuxTypes>");
        Compile(project, "new", "struct shared { int same; }; struct task_struct { unsigned __state; struct shared *shared; };");
        Compile(project, "old", "struct shared { int same; }; struct task_struct { volatile long state; struct shared *shared; };");
        project.Write("exits.bpf.c", NamesAField
            .Replace("BPF_CORE_READ(task, real_parent, tgid)", "bpf_core_field_exists(task->__state) ? task->__state : ((struct task_struct___2 *)task)->state")
            .Replace("__u32 last;", "unsigned last; struct shared;"));

        project.Build("-warnaserror").Succeeded();

        string header = File.ReadAllText(project.PathOf("obj/Debug/net10.0/bpf/kernel/vmlinux.h"));
        Assert.Contains("struct task_struct {\n\tunsigned int __state;", header, StringComparison.Ordinal);
        Assert.Contains("struct task_struct___2 {\n\tvolatile long", header, StringComparison.Ordinal);
        Assert.DoesNotContain("shared___2", header, StringComparison.Ordinal);
    }

    [Fact]
    public void Types_behind_a_link_that_change_renew_the_header()
    {
        using UserProject project = UserProject.Console(feed, properties: "<BpfVmlinux>whole</BpfVmlinux><BpfVmlinuxTypes>current.o</BpfVmlinuxTypes>");
        const string Types = "struct shared { int same; }; struct task_struct { int tgid; struct task_struct *real_parent; ";
        Compile(project, "kernel", Types + "};");
        File.CreateSymbolicLink(project.PathOf("current.o"), "kernel.o");
        project.Write("exits.bpf.c", NamesAField);
        project.Build().Succeeded();

        Compile(project, "kernel", Types + "int added; };");
        project.Build().Succeeded();

        Assert.Contains("int added;", File.ReadAllText(project.PathOf("obj/Debug/net10.0/bpf/kernel/vmlinux.h")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_vmlinux_that_is_a_program_has_the_types()
    {
        using UserProject project = UserProject.Console(feed, properties: "<BpfVmlinux>pruned</BpfVmlinux><BpfVmlinuxTypes>vmlinux</BpfVmlinuxTypes>");
        Compile(project, "kernel", "struct shared { int same; }; struct task_struct { int tgid; struct task_struct *real_parent; };");
        byte[] program = File.ReadAllBytes(project.PathOf("kernel.o"));
        program[16] = 2;
        File.WriteAllBytes(project.PathOf("vmlinux"), program);
        project.Write("exits.bpf.c", NamesAField);

        project.Build("-warnaserror").Succeeded();

        Assert.Contains("struct task_struct {\n\tint tgid;", File.ReadAllText(project.PathOf("obj/Debug/net10.0/bpf/kernel/vmlinux.h")), StringComparison.Ordinal);
    }

    private void Compile(UserProject project, string name, string types)
    {
        const string Numbers = "typedef unsigned char __u8; typedef unsigned short __u16, __be16; typedef unsigned __u32, __be32, __wsum; typedef int __s32; typedef unsigned long long __u64; typedef long long __s64; ";
        project.Write($"{name}.c", Numbers + types + " struct task_struct task; __u8 a; __u16 b; __be16 c; __u32 d; __be32 e; __wsum f; __s32 g; __u64 h; __s64 i; struct shared s;\n");
        using System.Diagnostics.Process clang = System.Diagnostics.Process.Start(feed.Clang, ["-target", "bpf", "-g", "-c", project.PathOf($"{name}.c"), "-o", project.PathOf($"{name}.o")]);
        clang.WaitForExit();
        Assert.Equal(0, clang.ExitCode);
    }

    [Fact]
    public void A_header_in_place_of_types_is_reported_as_what_it_is()
    {
        using UserProject project = UserProject.Console(feed, properties: "<BpfVmlinux>pruned</BpfVmlinux><BpfVmlinuxTypes>kernel/vmlinux.h</BpfVmlinuxTypes>");
        project.Write("exits.bpf.c", NamesAField);
        project.Write("kernel/vmlinux.h", "#ifndef __VMLINUX_H__\n#define __VMLINUX_H__\nstruct task_struct { int tgid; };\n#endif\n");

        string error = Assert.Single(project.Build().Failed().Diagnostics("HMBPF0009"));

        Assert.Contains("kernel/vmlinux.h: this is C source, neither BTF as in /sys/kernel/btf nor an ELF file with a section .BTF. Set BpfVmlinuxTypes to", error, StringComparison.Ordinal);
        project.Build("-p:BpfVmlinuxTypes=/sys/kernel/btf/vmlinux").Succeeded();
    }

    [Fact]
    public void Missing_types_are_reported()
    {
        using UserProject project = UserProject.Console(feed, properties: "<BpfVmlinux>pruned</BpfVmlinux><BpfVmlinuxTypes>/nowhere/kernel.btf</BpfVmlinuxTypes>");
        project.Write("exits.bpf.c", NamesAField);

        Assert.Contains("vmlinux.h cannot be generated", Assert.Single(project.Build().Failed().Diagnostics("HMBPF0009")), StringComparison.Ordinal);
        Assert.Single(project.Build("-p:BpfVmlinux=some").Failed().Diagnostics("HMBPF0010"));
    }
}
