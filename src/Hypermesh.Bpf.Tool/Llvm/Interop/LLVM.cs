using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tool.Llvm.Interop;

/// <summary>
/// The functions of libLLVM that are used here, named and typed as in LLVMSharp.Interop. <see cref="ResolveLibrary"/> returns the library that they are
/// in; without a result the loader searches <c>libLLVM</c>.
/// </summary>
internal static unsafe class LLVM
{
    private const string Library = "libLLVM";

    static LLVM() => NativeLibrary.SetDllImportResolver(
        typeof(LLVM).Assembly,
        static (name, assembly, path) => name == Library && ResolveLibrary is { } resolve ? resolve(name, assembly, path) : 0);

    public static event DllImportResolver? ResolveLibrary;

    [DllImport(Library, EntryPoint = "LLVMGetVersion", ExactSpelling = true)]
    public static extern void GetVersion(uint* Major, uint* Minor, uint* Patch);

    [DllImport(Library, EntryPoint = "LLVMInitializeBPFTargetInfo", ExactSpelling = true)]
    public static extern void InitializeBPFTargetInfo();

    [DllImport(Library, EntryPoint = "LLVMInitializeBPFTargetMC", ExactSpelling = true)]
    public static extern void InitializeBPFTargetMC();

    [DllImport(Library, EntryPoint = "LLVMInitializeBPFDisassembler", ExactSpelling = true)]
    public static extern void InitializeBPFDisassembler();

    [DllImport(Library, EntryPoint = "LLVMCreateDisasmCPU", ExactSpelling = true)]
    public static extern void* CreateDisasmCPU(
        sbyte* Triple, sbyte* CPU, void* DisInfo, int TagType,
        delegate* unmanaged[Cdecl]<void*, ulong, ulong, ulong, ulong, int, void*, int> GetOpInfo,
        delegate* unmanaged[Cdecl]<void*, ulong, ulong*, ulong, sbyte**, sbyte*> SymbolLookUp);

    [DllImport(Library, EntryPoint = "LLVMDisasmInstruction", ExactSpelling = true)]
    public static extern nuint DisasmInstruction(void* DC, byte* Bytes, ulong BytesSize, ulong PC, sbyte* OutString, nuint OutStringSize);

    [DllImport(Library, EntryPoint = "LLVMDisasmDispose", ExactSpelling = true)]
    public static extern void DisasmDispose(void* DC);

    [DllImport(Library, EntryPoint = "LLVMCreateMemoryBufferWithMemoryRangeCopy", ExactSpelling = true)]
    public static extern LLVMOpaqueMemoryBuffer* CreateMemoryBufferWithMemoryRangeCopy(sbyte* InputData, nuint InputDataLength, sbyte* BufferName);

    [DllImport(Library, EntryPoint = "LLVMDisposeMemoryBuffer", ExactSpelling = true)]
    public static extern void DisposeMemoryBuffer(LLVMOpaqueMemoryBuffer* MemBuf);

    [DllImport(Library, EntryPoint = "LLVMCreateBinary", ExactSpelling = true)]
    public static extern LLVMOpaqueBinary* CreateBinary(LLVMOpaqueMemoryBuffer* MemBuf, LLVMOpaqueContext* Context, sbyte** ErrorMessage);

    [DllImport(Library, EntryPoint = "LLVMDisposeBinary", ExactSpelling = true)]
    public static extern void DisposeBinary(LLVMOpaqueBinary* BR);

    [DllImport(Library, EntryPoint = "LLVMDisposeMessage", ExactSpelling = true)]
    public static extern void DisposeMessage(sbyte* Message);

    [DllImport(Library, EntryPoint = "LLVMObjectFileCopySectionIterator", ExactSpelling = true)]
    public static extern LLVMOpaqueSectionIterator* ObjectFileCopySectionIterator(LLVMOpaqueBinary* BR);

    [DllImport(Library, EntryPoint = "LLVMObjectFileIsSectionIteratorAtEnd", ExactSpelling = true)]
    public static extern int ObjectFileIsSectionIteratorAtEnd(LLVMOpaqueBinary* BR, LLVMOpaqueSectionIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMMoveToNextSection", ExactSpelling = true)]
    public static extern void MoveToNextSection(LLVMOpaqueSectionIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMDisposeSectionIterator", ExactSpelling = true)]
    public static extern void DisposeSectionIterator(LLVMOpaqueSectionIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMGetSectionName", ExactSpelling = true)]
    public static extern sbyte* GetSectionName(LLVMOpaqueSectionIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMGetSectionSize", ExactSpelling = true)]
    public static extern ulong GetSectionSize(LLVMOpaqueSectionIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMGetSectionContents", ExactSpelling = true)]
    public static extern sbyte* GetSectionContents(LLVMOpaqueSectionIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMObjectFileCopySymbolIterator", ExactSpelling = true)]
    public static extern LLVMOpaqueSymbolIterator* ObjectFileCopySymbolIterator(LLVMOpaqueBinary* BR);

    [DllImport(Library, EntryPoint = "LLVMObjectFileIsSymbolIteratorAtEnd", ExactSpelling = true)]
    public static extern int ObjectFileIsSymbolIteratorAtEnd(LLVMOpaqueBinary* BR, LLVMOpaqueSymbolIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMMoveToNextSymbol", ExactSpelling = true)]
    public static extern void MoveToNextSymbol(LLVMOpaqueSymbolIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMDisposeSymbolIterator", ExactSpelling = true)]
    public static extern void DisposeSymbolIterator(LLVMOpaqueSymbolIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMGetSymbolName", ExactSpelling = true)]
    public static extern sbyte* GetSymbolName(LLVMOpaqueSymbolIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMGetSymbolAddress", ExactSpelling = true)]
    public static extern ulong GetSymbolAddress(LLVMOpaqueSymbolIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMGetSymbolSize", ExactSpelling = true)]
    public static extern ulong GetSymbolSize(LLVMOpaqueSymbolIterator* SI);

    [DllImport(Library, EntryPoint = "LLVMGetRelocations", ExactSpelling = true)]
    public static extern LLVMOpaqueRelocationIterator* GetRelocations(LLVMOpaqueSectionIterator* Section);

    [DllImport(Library, EntryPoint = "LLVMIsRelocationIteratorAtEnd", ExactSpelling = true)]
    public static extern int IsRelocationIteratorAtEnd(LLVMOpaqueSectionIterator* Section, LLVMOpaqueRelocationIterator* RI);

    [DllImport(Library, EntryPoint = "LLVMMoveToNextRelocation", ExactSpelling = true)]
    public static extern void MoveToNextRelocation(LLVMOpaqueRelocationIterator* RI);

    [DllImport(Library, EntryPoint = "LLVMDisposeRelocationIterator", ExactSpelling = true)]
    public static extern void DisposeRelocationIterator(LLVMOpaqueRelocationIterator* RI);

    [DllImport(Library, EntryPoint = "LLVMGetRelocationOffset", ExactSpelling = true)]
    public static extern ulong GetRelocationOffset(LLVMOpaqueRelocationIterator* RI);

    [DllImport(Library, EntryPoint = "LLVMGetRelocationType", ExactSpelling = true)]
    public static extern ulong GetRelocationType(LLVMOpaqueRelocationIterator* RI);

    [DllImport(Library, EntryPoint = "LLVMGetRelocationSymbol", ExactSpelling = true)]
    public static extern LLVMOpaqueSymbolIterator* GetRelocationSymbol(LLVMOpaqueRelocationIterator* RI);
}

/// <summary>An object that LLVM reads; an opaque pointer.</summary>
internal struct LLVMOpaqueBinary;

/// <summary>LLVM's context, which is not needed here; an opaque pointer.</summary>
internal struct LLVMOpaqueContext;

/// <summary>A buffer of LLVM; an opaque pointer.</summary>
internal struct LLVMOpaqueMemoryBuffer;

/// <summary>An iterator over a section's relocations; an opaque pointer.</summary>
internal struct LLVMOpaqueRelocationIterator;

/// <summary>An iterator over an object's sections; an opaque pointer.</summary>
internal struct LLVMOpaqueSectionIterator;

/// <summary>An iterator over an object's symbols; an opaque pointer.</summary>
internal struct LLVMOpaqueSymbolIterator;
