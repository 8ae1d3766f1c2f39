using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the members of a record of several kinds: the kind, and the conversion to each kind.</summary>
internal static class EventEmitter
{
    private const string Interface = "global::Hypermesh.Bpf.IBpfEventOf";

    /// <summary>The interfaces of a struct that is one kind of a record.</summary>
    public static IEnumerable<string> Interfaces(StructModel model, string self)
        => model.EventOf.Select(record => $"{Interface}<{record.UnionType}, {self}>");

    /// <summary>The members of a record of several kinds.</summary>
    public static void EmitUnion(SourceWriter writer, StructModel model, EventUnionModel union)
    {
        if (union.HasKindAlias)
        {
            writer.Gap().Line($"""
                /// <summary>The kind of the record: <see cref="{union.KindField}"/>.</summary>
                public readonly {union.KindType} Kind => {union.KindField};
                """);
        }

        writer.Gap().Line($"""
            /// <summary>Gets the event, if the record is of its kind.</summary>
            /// <typeparam name="TEvent">The event's type: {string.Join(", ", union.Cases.Select(entry => entry.Type).Distinct().Select(type => $"<see cref=\"{type}\"/>"))}.</typeparam>
            /// <param name="value">The event; all zero when the record is of another kind.</param>
            /// <returns>False when the record is of another kind.</returns>
            public readonly bool TryGet<TEvent>(out TEvent value)
                where TEvent : unmanaged, {Interface}<{model.Name}, TEvent>
                => TEvent.TryGet(in this, out value);

            /// <summary>Returns the number of bytes of a record of its kind; programs send only those.</summary>
            /// <param name="record">The record; only its kind is read.</param>
            /// <returns>Bytes.</returns>
            """);
        writer.Open($"public static int SizeOf(in {model.Name} record)").Open($"switch (record.{union.KindField})");
        foreach (EventCaseModel entry in union.Cases)
        {
            writer.Line($"case {entry.Value}: // {entry.Constant}").Line($"    return {entry.Size};");
        }

        writer.Line("default:").Line($"    return {union.KindSize};").Close().Close();
    }

    /// <summary>Writes the conversion of records to a struct that is one of their kinds.</summary>
    public static void EmitEvent(SourceWriter writer, EventOfModel record, string self)
    {
        writer.Gap().Line("/// <inheritdoc/>").Open($"static bool {Interface}<{record.UnionType}, {self}>.TryGet(in {record.UnionType} record, out {self} value)");
        writer.Open($"switch (record.{record.KindField})");
        foreach (EventCaseModel entry in record.Cases)
        {
            writer.Line($"""
                case {entry.Value}: // {entry.Constant}
                    value = record.{entry.Field};
                    return true;
                """);
        }

        writer.Line("""
            default:
                value = default;
                return false;
            """).Close().Close();
    }
}
