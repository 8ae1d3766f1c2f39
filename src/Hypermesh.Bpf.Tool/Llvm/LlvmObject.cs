using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tool.Llvm;

/// <summary>An object file as LLVM reads it, with which the result of this library's reader is compared.</summary>
internal static unsafe class LlvmObject
{
    /// <summary>Reads sections with their relocations, and symbols.</summary>
    /// <exception cref="BpfException">There is no libLLVM, or it cannot read the file.</exception>
    internal static (IReadOnlyList<LlvmSection> Sections, IReadOnlyList<(string Name, ulong Value, ulong Size)> Symbols) Read(byte[] image, string name)
    {
        LibLlvm.Load();
        LLVMOpaqueMemoryBuffer* buffer;
        fixed (byte* bytes = image)
        fixed (byte* text = "object"u8)
        {
            buffer = LLVM.CreateMemoryBufferWithMemoryRangeCopy((sbyte*)bytes, (nuint)image.Length, (sbyte*)text);
        }

        sbyte* error = null;
        LLVMOpaqueBinary* binary = LLVM.CreateBinary(buffer, null, &error);
        try
        {
            if (binary is null)
            {
                string reason = Text(error);
                LLVM.DisposeMessage(error);
                throw new BpfException($"LLVM cannot read {name}: {reason}", name, null);
            }

            return (Sections(binary), Symbols(binary));
        }
        finally
        {
            if (binary is not null)
            {
                LLVM.DisposeBinary(binary);
            }

            LLVM.DisposeMemoryBuffer(buffer);
        }
    }

    private static List<LlvmSection> Sections(LLVMOpaqueBinary* binary)
    {
        List<LlvmSection> sections = [];
        LLVMOpaqueSectionIterator* section = LLVM.ObjectFileCopySectionIterator(binary);
        for (; LLVM.ObjectFileIsSectionIteratorAtEnd(binary, section) == 0; LLVM.MoveToNextSection(section))
        {
            sbyte* contents = LLVM.GetSectionContents(section);
            byte[] bytes = contents is null ? [] : new ReadOnlySpan<byte>(contents, checked((int)LLVM.GetSectionSize(section))).ToArray();
            sections.Add(new LlvmSection(Text(LLVM.GetSectionName(section)), bytes, Relocations(section)));
        }

        LLVM.DisposeSectionIterator(section);
        return sections;
    }

    private static List<(ulong Offset, ulong Type, string Symbol)> Relocations(LLVMOpaqueSectionIterator* section)
    {
        List<(ulong, ulong, string)> relocations = [];
        LLVMOpaqueRelocationIterator* relocation = LLVM.GetRelocations(section);
        for (; LLVM.IsRelocationIteratorAtEnd(section, relocation) == 0; LLVM.MoveToNextRelocation(relocation))
        {
            LLVMOpaqueSymbolIterator* symbol = LLVM.GetRelocationSymbol(relocation);
            relocations.Add((LLVM.GetRelocationOffset(relocation), LLVM.GetRelocationType(relocation), Text(LLVM.GetSymbolName(symbol))));
            LLVM.DisposeSymbolIterator(symbol);
        }

        LLVM.DisposeRelocationIterator(relocation);
        return relocations;
    }

    private static List<(string Name, ulong Value, ulong Size)> Symbols(LLVMOpaqueBinary* binary)
    {
        List<(string, ulong, ulong)> symbols = [];
        LLVMOpaqueSymbolIterator* symbol = LLVM.ObjectFileCopySymbolIterator(binary);
        for (; LLVM.ObjectFileIsSymbolIteratorAtEnd(binary, symbol) == 0; LLVM.MoveToNextSymbol(symbol))
        {
            symbols.Add((Text(LLVM.GetSymbolName(symbol)), LLVM.GetSymbolAddress(symbol), LLVM.GetSymbolSize(symbol)));
        }

        LLVM.DisposeSymbolIterator(symbol);
        return symbols;
    }

    // The first section has no name.
    private static string Text(sbyte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}

/// <summary>A section as LLVM reads it.</summary>
internal sealed record LlvmSection(string Name, byte[] Contents, IReadOnlyList<(ulong Offset, ulong Type, string Symbol)> Relocations);
