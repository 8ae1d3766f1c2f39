using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports updates of maps with the address of the program's own variable as key or value. Addresses that the kernel or a process passed are not reported: programs keep them
/// from one event to the next.
/// </summary>
internal static class StoredAddressCheck
{
    private const int MapUpdate = 2;
    private const int Key = 2;
    private const int Value = 3;

    public static void Run(BpfObjectSpec spec, BtfTypes types, SourceLines lines, Findings findings)
    {
        foreach (ElfSection section in StraightLine.SectionsOf(spec))
        {
            StraightLine? code = null;
            foreach ((uint offset, _) in HelperCalls.In(section).Where(static call => call.Helper == MapUpdate))
            {
                code ??= new StraightLine(spec, section);
                int at = (int)(offset / BpfInstruction.Size);
                if (code.Map(at, 1) is { } map && (Stores(code, at, Key) ? "key" : Stores(code, at, Value) ? "value" : null) is { } part
                    && !(part == "key" && spec.Maps.Any(one => one.Name == map && MapTypeCheck.HasTextAddress(types, one.KeyTypeId))))
                {
                    findings.Add(SourceIds.AddressInMap, map, lines.At(section.Name, offset), $"The {part} that is written to map '{map}'", "is the address of a variable of the program, which means nothing after it",
                        $"the type itself in its definition, as in __type({part}, struct event); or __type({part}, char[16]);, and pass the address of such a variable");
                }
            }
        }
    }

    // The memory that is passed begins with such an address.
    private static bool Stores(StraightLine code, int at, int register)
        => code.Frame(at, register) is { } offset && code.Store(at, offset) is >= 0 and int store && code.IsAddressOfVariable(store, code.Code[store].Source);
}
