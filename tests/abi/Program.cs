using Hypermesh.Bpf.AbiGenerator;
using Hypermesh.Bpf.Objects.Btf;

if (args is ["functions", _, _, ..])
{
    (string, BtfTypes)[] kernels = [.. args[2..].Select(static path => (Path.GetFileNameWithoutExtension(path), BtfTypes.Read(File.ReadAllBytes(path), path)))];
    string written = Path.Combine(args[1], KernelFunctionFile.Name);
    File.WriteAllText(written, KernelFunctionFile.Make(kernels));
    Console.WriteLine($"{written} written");
    return 0;
}

if (args is not ([_] or [_, _, _]))
{
    Console.Error.WriteLine("usage: abi DIRECTORY [BTF_FILE RELEASE]");
    Console.Error.WriteLine("       abi functions DIRECTORY RELEASE.btf..., the oldest first");
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
