using Hypermesh.Bpf.AbiGenerator;
using Hypermesh.Bpf.Objects.Btf;

if (args is not ([_] or [_, _, _]))
{
    Console.Error.WriteLine("usage: abi DIRECTORY [BTF_FILE RELEASE]");
    return 1;
}

string btfFile = args.Length > 1 ? args[1] : RunningKernel.BtfFile;
string release = args.Length > 1 ? args[2] : RunningKernel.Release;
BtfTypes types = BtfTypes.Read(File.ReadAllBytes(btfFile), btfFile);
foreach ((string name, string text) in AbiFiles.Make(types, release))
{
    string path = Path.Combine(args[0], name);
    if (!File.Exists(path) || File.ReadAllText(path) != text)
    {
        File.WriteAllText(path, text);
        Console.WriteLine($"{path} written");
    }
}

return 0;
