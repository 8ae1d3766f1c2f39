using System.Runtime.InteropServices;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>A C file with all its includes, as libclang reads it.</summary>
internal static class TranslationUnit
{
    /// <summary>Reads a file and passes it to <paramref name="use"/>, which must not keep any part of it. For a file that cannot be read at all the answer is empty.</summary>
    public static unsafe string Read(Request request, RequestedProgram program, Func<Request, RequestedProgram, CXCursor, string> use)
    {
        List<string> arguments = ArgumentFile.Read(program.ArgumentFile, program.Source);
        // Comments that are not doxygen's count as well.
        arguments.Add("-fparse-all-comments");
        if (Directory.Exists(request.Resources))
        {
            arguments.Add("-resource-dir");
            arguments.Add(request.Resources);
        }

        nint[] texts = [.. arguments.Append(program.Source).Select(Marshal.StringToCoTaskMemUTF8)];
        void* index = clang.createIndex(excludeDeclarationsFromPCH: 0, displayDiagnostics: 0);
        CXTranslationUnitImpl* unit = null;
        try
        {
            // A file may have an error: the parts before and after it are read.
            const CXTranslationUnit_Flags Flags = CXTranslationUnit_Flags.CXTranslationUnit_KeepGoing;
            fixed (nint* all = texts)
            {
                CXErrorCode error = clang.parseTranslationUnit2(index, (sbyte*)texts[^1], (sbyte**)all, texts.Length - 1, null, 0, (uint)Flags, &unit);
                return error == CXErrorCode.CXError_Success ? use(request, program, clang.getTranslationUnitCursor(unit)) : "";
            }
        }
        finally
        {
            if (unit is not null)
            {
                clang.disposeTranslationUnit(unit);
            }

            clang.disposeIndex(index);
            foreach (nint text in texts)
            {
                Marshal.FreeCoTaskMem(text);
            }
        }
    }
}
