using System.Globalization;

namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>The registers by the names assemblers give them, and their places in <c>struct pt_regs</c>.</summary>
internal static class UsdtRegisters
{
    private const int WordSize = 8;

    private static readonly Dictionary<string, int> s_x64 = NameX64();
    private static readonly Dictionary<string, int> s_arm64 = NameArm64();

    internal static int? Find(UsdtArchitecture architecture, string name)
        => (architecture == UsdtArchitecture.X64 ? s_x64 : s_arm64).TryGetValue(name, out int offset) ? offset : null;

    private static Dictionary<string, int> NameX64()
    {
        // In the order of the structure.
        string[][] rows =
        [
            ["r15", "r15d", "r15w", "r15b"], ["r14", "r14d", "r14w", "r14b"], ["r13", "r13d", "r13w", "r13b"], ["r12", "r12d", "r12w", "r12b"],
            ["rbp", "ebp", "bp", "bpl"], ["rbx", "ebx", "bx", "bl"],
            ["r11", "r11d", "r11w", "r11b"], ["r10", "r10d", "r10w", "r10b"], ["r9", "r9d", "r9w", "r9b"], ["r8", "r8d", "r8w", "r8b"],
            ["rax", "eax", "ax", "al"], ["rcx", "ecx", "cx", "cl"], ["rdx", "edx", "dx", "dl"], ["rsi", "esi", "si", "sil"], ["rdi", "edi", "di", "dil"],
            ["orig_rax"], ["rip", "eip"], ["cs"], ["eflags"], ["rsp", "esp", "sp", "spl"],
        ];
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < rows.Length; i++)
        {
            foreach (string name in rows[i])
            {
                names.Add(name, i * WordSize);
            }
        }

        return names;
    }

    private static Dictionary<string, int> NameArm64()
    {
        const int General = 31;
        var names = new Dictionary<string, int>(StringComparer.Ordinal) { ["sp"] = General * WordSize };
        for (int i = 0; i < General; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            names.Add("x" + number, i * WordSize);
            names.Add("w" + number, i * WordSize);
        }

        return names;
    }
}
