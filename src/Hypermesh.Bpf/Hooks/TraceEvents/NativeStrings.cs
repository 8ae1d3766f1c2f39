using System.Runtime.InteropServices;
using System.Text;

namespace Hypermesh.Bpf.Hooks.TraceEvents;

/// <summary>An array of C strings, for system calls that take one.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly nint[] _pointers;

    internal NativeStrings(IReadOnlyList<string> texts)
    {
        _pointers = new nint[texts.Count];
        for (int i = 0; i < texts.Count; i++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(texts[i] + '\0');
            _pointers[i] = (nint)NativeMemory.Alloc((nuint)bytes.Length);
            bytes.CopyTo(new Span<byte>((void*)_pointers[i], bytes.Length));
        }
    }

    internal ReadOnlySpan<nint> Pointers => _pointers;

    public void Dispose()
    {
        for (int i = 0; i < _pointers.Length; i++)
        {
            NativeMemory.Free((void*)_pointers[i]);
            _pointers[i] = 0;
        }
    }
}
