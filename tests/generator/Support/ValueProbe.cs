using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>A generated value type, known only at run time, over bytes.</summary>
internal sealed class ValueProbe
{
    private readonly Func<byte[], object> _read;
    private readonly Func<object, byte[]> _write;

    public ValueProbe(Type type)
    {
        Type = type;
        Size = (int)Generic(nameof(SizeOf), type).Invoke(null, null)!;
        _read = Generic(nameof(Read), type).CreateDelegate<Func<byte[], object>>();
        _write = Generic(nameof(Write), type).CreateDelegate<Func<object, byte[]>>();
    }

    public Type Type { get; }

    public int Size { get; }

    public object FromBytes(byte[] bytes) => _read(bytes);

    public byte[] ToBytes(object value) => _write(value);

    public object Get(byte[] bytes, string member)
    {
        object value = FromBytes(bytes);
        return Type.GetProperty(member) is { } property ? property.GetValue(value)! : Type.GetField(member)!.GetValue(value)!;
    }

    public byte[] Set(byte[] bytes, string property, object member)
    {
        object value = FromBytes(bytes);
        Type.GetProperty(property)!.SetValue(value, member);
        return ToBytes(value);
    }

    private static MethodInfo Generic(string name, Type type)
        => typeof(ValueProbe).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type);

    private static int SizeOf<T>() => Unsafe.SizeOf<T>();

    private static object Read<T>(byte[] bytes)
        where T : unmanaged => MemoryMarshal.Read<T>(bytes);

    private static byte[] Write<T>(object boxed)
        where T : unmanaged
    {
        T value = (T)boxed;
        return MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in value, 1)).ToArray();
    }
}
