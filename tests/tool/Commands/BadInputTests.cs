namespace Hypermesh.Bpf.Tests.Tool.Commands;

public sealed class BadInputTests
{
    private const int Failure = 1;
    private const int Usage = 2;

    [Theory]
    [InlineData("bogus")]
    [InlineData("verify")]
    [InlineData("verify", "--foo", "x.o")]
    [InlineData("inspect")]
    [InlineData("load", "x.o", "--repeat", "none")]
    [InlineData("load", "x.o", "--repeat", "0")]
    [InlineData("gen", "object")]
    [InlineData("gen", "object", "out.o")]
    [InlineData("btf", "dump", "--format", "pascal")]
    [InlineData("prog")]
    [InlineData("map", "show")]
    [InlineData("disasm", "--verbose")]
    [InlineData("inspect", "")]
    [InlineData("verify", "")]
    [InlineData("prog", "show", "")]
    [InlineData("gen", "object", "", "x.o")]
    [InlineData("relocate", "x.o", "--btf", "")]
    [InlineData("run")]
    [InlineData("run", "")]
    [InlineData("run", "runqlat", "--set", "pid")]
    [InlineData("run", "runqlat", "--set", "=1")]
    [InlineData("run", "runqlat", "--seconds", "0")]
    public void An_invalid_command_line_is_reported_in_one_line(params string[] arguments) => IsRefused(Usage, arguments);

    [Theory]
    [InlineData("There is no command 'verfy'. Did you mean 'verify'?", "verfy", "x.o")]
    [InlineData("There is no command 'Verify'. Did you mean 'verify'?", "Verify")]
    [InlineData("There is no command 'program'. Did you mean 'prog'?", "program", "list")]
    [InlineData("There is no command 'maps'. Did you mean 'map'?", "maps")]
    [InlineData("There is no command 'ispnect'. Did you mean 'inspect'?", "ispnect")]
    [InlineData("There is no command 'lsit'. Did you mean 'list'?", "prog", "lsit")]
    [InlineData("There is no command 'dump'. Did you mean 'btf dump' or 'prog dump' or 'map dump' or 'link dump'?", "dump")]
    [InlineData("There is no command 'frobnicate'. There are: list, show, dump.", "prog", "frobnicate")]
    [InlineData("There is no command 'prog load'. hmbpf keeps nothing loaded", "prog", "load", "x.o", "/sys/fs/bpf/x")]
    [InlineData("There is no command 'map update'. hmbpf does not change maps", "map", "update")]
    [InlineData("There is no command 'bogus'. There are: doctor, top, run, count, sum, hist, lhist, latency, trace, hooks, profile, serve, record, replay, cost, preflight, inspect, verify", "bogus")]
    [InlineData("There is no command 'feature'. 'doctor' shows what this machine supports and allows.", "feature", "probe")]
    [InlineData("There is no command 'net'. 'link list' shows what is attached by link", "net", "list")]
    [InlineData("There is no command 'cgroup'. 'link list' shows what is attached by link", "cgroup", "tree")]
    [InlineData("There is no option '--jsno'. Did you mean '--json'?", "prog", "--jsno")]
    [InlineData("There is no option '--reason'. Did you mean '--reasons'?", "verify", "--reason", "x.o")]
    [InlineData("There is no option '--foo'.", "verify", "--foo", "x.o")]
    public void An_unknown_word_is_reported_with_the_nearest(string message, params string[] arguments)
    {
        IsRefused(Usage, arguments);
        Assert.StartsWith("hmbpf: " + message, Hmbpf.Run(arguments).Error.Replace("'hmbpf ", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("disasm")]
    [InlineData("verify")]
    [InlineData("load")]
    [InlineData("relocate")]
    [InlineData("btf", "dump")]
    [InlineData("gen", "object", "/nonexistent/out.o")]
    public void A_folder_is_reported_as_a_directory(params string[] command)
    {
        string folder = AppContext.BaseDirectory;
        Hmbpf.Outcome outcome = Hmbpf.Run([.. command, folder]);
        Assert.Equal(Failure, outcome.ExitCode);
        Assert.Contains($"{folder} is a directory", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("denied", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_refusal_there_is_no_table_of_zeros()
    {
        Hmbpf.NeedsRoot();
        Hmbpf.Outcome outcome = Hmbpf.Run("load", "/nonexistent/file.o");
        Assert.Equal((Failure, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("does not exist", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(0, Hmbpf.Run("load", "--json", "/nonexistent/file.o").Json.GetProperty("rounds").GetInt32());
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("disasm")]
    [InlineData("btf", "dump")]
    public void A_missing_file_is_reported_in_one_line(params string[] command) => IsRefused(Failure, [.. command, "/nonexistent/file.o"]);

    [Theory]
    [InlineData("inspect")]
    [InlineData("disasm")]
    [InlineData("btf", "dump")]
    public void A_file_that_is_not_an_object_is_reported_in_one_line(params string[] command) => IsRefused(Failure, [.. command, "/proc/self/status"]);

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(700)]
    public void A_cut_file_is_reported_in_one_line(int length)
    {
        string cut = Path.Combine(Path.GetTempPath(), $"hmbpf-cut-{Environment.ProcessId}-{length}.o");
        File.WriteAllBytes(cut, File.ReadAllBytes(Hmbpf.TestData("small.bpf.o"))[..length]);
        try
        {
            IsRefused(Failure, "inspect", cut);
            IsRefused(Failure, "disasm", cut);
        }
        finally
        {
            File.Delete(cut);
        }
    }

    [Fact]
    public void A_sparse_file_of_gigabytes_is_reported_in_one_line()
    {
        string sparse = Path.Combine(Path.GetTempPath(), $"hmbpf-sparse-{Environment.ProcessId}.o");
        try
        {
            using (FileStream file = File.Create(sparse))
            {
                file.SetLength(1L << 30);
            }

            IsRefused(Failure, "inspect", sparse);
            IsRefused(Failure, "btf", "dump", sparse);
        }
        finally
        {
            File.Delete(sparse);
        }
    }

    [Theory]
    [InlineData("prog", "show", "4294967294")]
    [InlineData("prog", "dump", "4294967294")]
    [InlineData("map", "show", "4294967294")]
    [InlineData("map", "dump", "4294967294")]
    [InlineData("link", "show", "4294967294")]
    [InlineData("disasm", "4294967294")]
    [InlineData("prog", "show", "no_program_of_this_name")]
    [InlineData("map", "show", "no_map_of_this_name")]
    [InlineData("link", "show", "no_program_of_this_name")]
    [InlineData("prog", "show", "/nonexistent/pin")]
    [InlineData("map", "show", "/nonexistent/pin")]
    [InlineData("link", "show", "/nonexistent/pin")]
    public void What_the_kernel_does_not_have_is_reported_in_one_line(params string[] arguments)
    {
        Hmbpf.NeedsRoot();
        IsRefused(Failure, arguments);
    }

    [Fact]
    public void An_object_that_cannot_be_opened_has_its_line_among_the_others()
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("verify", "/nonexistent/missing.bpf.o");
        Assert.Equal(Failure, outcome.ExitCode);
        Assert.Equal(["missing.bpf.o - - OPENFAIL", "programs loaded 0 of 0"], outcome.Lines);
        Assert.Equal("hmbpf: /nonexistent/missing.bpf.o does not exist.\n", outcome.Error);
    }

    [Fact]
    public void A_full_disk_is_reported_in_one_line()
    {
        // Less than what is held back until the end.
        Hmbpf.Outcome outcome = Hmbpf.RunInto("/dev/full", "btf", "dump", Hmbpf.TestData("small.bpf.o"), "--format", "json");
        Assert.Equal((Failure, ""), (outcome.ExitCode, outcome.Output));
        Assert.Equal("hmbpf: No space left on device\n", outcome.Error);
        outcome = Hmbpf.RunInto("/dev/full", "relocate", Hmbpf.TestData("core.bpf.o"), "--btf", Hmbpf.TestData("core-target.bpf.o"));
        Assert.Equal((Failure, "hmbpf: No space left on device\n"), (outcome.ExitCode, outcome.Error));
    }

    [Fact]
    public void Without_an_output_gen_object_does_not_overwrite_the_first_object()
    {
        string first = Path.Combine(Directory.CreateTempSubdirectory("hmbpf-out").FullName, "first.bpf.o");
        File.Copy(Hmbpf.TestData("link-first.bpf.o"), first);
        try
        {
            string second = Hmbpf.TestData("link-second.bpf.o");
            IsRefused(Failure, "gen", "object", first, second);
            Assert.Equal(File.ReadAllBytes(Hmbpf.TestData("link-first.bpf.o")), File.ReadAllBytes(first));
            Assert.Equal(
                $"hmbpf: {first} exists: the first argument is the result, the objects follow it (hmbpf gen object OUT {first} {second}). Write --force to overwrite it.\n",
                Hmbpf.Run("gen", "object", first, second).Error);
            Assert.Equal(0, Hmbpf.Run("gen", "object", Path.ChangeExtension(first, ".linked"), first, second).ExitCode);
            Assert.Equal(0, Hmbpf.Run("gen", "object", "--force", first, first, second).ExitCode);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(first)!, recursive: true);
        }
    }

    [Theory]
    [InlineData("forks.bpf.c", "forks.bpf.c is C source: dotnet build compiles it to obj/Debug/net10.0/bpf/forks.bpf.o.", "// C")]
    [InlineData("forks.c", "This is C source: clang -g -O2 -target bpf -c compiles it.", "// C")]
    [InlineData("forks.dll", "the objects of a .NET project are in its obj/Debug/net10.0/bpf/, as NAME.bpf.o.", "MZ")]
    [InlineData("forks.txt", "", "text")]
    public void A_file_named_instead_of_an_object_is_reported_with_the_place_of_the_object(string name, string advice, string contents)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("hmbpf-instead").FullName, name);
        File.WriteAllText(path, contents);
        try
        {
            foreach (string[] command in (string[][])[["inspect", path], ["disasm", path], ["btf", "dump", path], ["relocate", Hmbpf.TestData("core.bpf.o"), "--btf", path]])
            {
                IsRefused(Failure, command);
                string error = Hmbpf.Run(command).Error;
                Assert.Contains(advice, error, StringComparison.Ordinal);
                Assert.DoesNotMatch("ELF file [A-Z]|magic", error);
                Assert.Contains(command[0] is "inspect" or "disasm" ? "is not an eBPF object" : $"{path} has no BTF", error, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void An_object_without_types_is_shown_as_having_none()
    {
        // The section's name is one that nobody looks for.
        byte[] image = File.ReadAllBytes(Hmbpf.TestData("core-target.bpf.o"));
        image[image.AsSpan().IndexOf(".BTF\0"u8) + 3] = (byte)'X';
        string path = Path.Combine(Path.GetTempPath(), $"hmbpf-nobtf-{Environment.ProcessId}.o");
        File.WriteAllBytes(path, image);
        try
        {
            Hmbpf.Outcome outcome = Hmbpf.Run("inspect", path);
            Assert.Equal((0, $"hmbpf: {path} has no BTF, so it has no lines of C, no types and no CO-RE relocations: compile it with clang -g.\n"), (outcome.ExitCode, outcome.Error));
            Assert.Contains("sections", outcome.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("zzzzzzzz", "core-target.bpf.o has no type with the name zzzzzzzz.\n", "core-target.bpf.o")]
    [InlineData("struct task_struct", "--type takes the name without struct, union or enum: task_struct", "core-target.bpf.o")]
    public void A_missing_type_is_reported_with_what_to_write(string type, string says, string file)
    {
        IsRefused(Failure, "btf", "dump", Hmbpf.TestData(file), "--type", type);
        Assert.Contains(says, Hmbpf.Run("btf", "dump", Hmbpf.TestData(file), "--type", type).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_type_of_the_kernel_is_reported_with_the_nearest()
    {
        Assert.SkipUnless(File.Exists("/sys/kernel/btf/vmlinux"), "this kernel has no BTF");
        Assert.Equal("hmbpf: /sys/kernel/btf/vmlinux has no type with the name task_strct. Did you mean task_struct?\n", Hmbpf.Run("btf", "dump", "--type", "task_strct").Error);
    }

    [Fact]
    public void A_name_that_is_neither_a_file_nor_a_program_is_reported()
    {
        Hmbpf.NeedsRoot();
        IsRefused(Failure, "disasm", "no_such_program");
        Assert.Equal("hmbpf: There is no file no_such_program. There is no program with the name no_such_program: check the name, of which the kernel keeps 15 characters.\n", Hmbpf.Run("disasm", "no_such_program").Error);
    }

    private static void IsRefused(int exitCode, params string[] arguments)
    {
        Hmbpf.Outcome outcome = Hmbpf.Run(arguments);
        Assert.Equal("", outcome.Output);
        Assert.StartsWith("hmbpf: ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(outcome.Error.Length - 1, outcome.Error.IndexOf('\n', StringComparison.Ordinal));
        Assert.Equal(exitCode, outcome.ExitCode);
    }
}
