using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>Finds the lower half of two IDs in a variable that is named for the upper half. A cast says that the lower half is meant.</summary>
internal static class NarrowIdRule
{
    private const int Narrow = 4;

    public static void Read(List<CodeNode> code, MistakeList found)
    {
        // The kernel calls a thread pid and a process tgid. Who names both has that meaning in mind.
        bool namesBoth = code.Exists(static node => node.Kind is CXCursorKind.CXCursor_VarDecl or CXCursorKind.CXCursor_MemberRefExpr or CXCursorKind.CXCursor_MemberRef
            && Cursors.Spelling(node.Cursor) is var name && Ends(name, "tgid") && !Ends(name, "pid_tgid"));
        foreach (CodeNode node in code)
        {
            if (node.Assigned is not var (target, value) || clang.Type_getSizeOf(clang.getCursorType(target)) != Narrow)
            {
                continue;
            }

            string name = Cursors.Spelling(target);
            if (value.Plain.Callee == "bpf_get_current_pid_tgid" && (Ends(name, "tgid") || (Ends(name, "pid") && !namesBoth)))
            {
                found.Add(SourceIds.NarrowId, value.Plain.Cursor, name, "the thread (TID)", "bpf_get_current_pid_tgid() >> 32 for the process (TGID)", "tid", "(__u32)bpf_get_current_pid_tgid()");
            }
            else if (value.Plain.Callee == "bpf_get_current_uid_gid" && Ends(name, "gid") && !Ends(name, "tgid"))
            {
                found.Add(SourceIds.NarrowId, value.Plain.Cursor, name, "the user (UID)", "bpf_get_current_uid_gid() >> 32 for the group (GID)", "uid", "(__u32)bpf_get_current_uid_gid()");
            }
        }
    }

    private static bool Ends(string name, string word)
        => name.Equals(word, StringComparison.OrdinalIgnoreCase) || name.EndsWith("_" + word, StringComparison.OrdinalIgnoreCase);
}
