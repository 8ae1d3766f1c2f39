using System.Globalization;
using System.Text;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>Writes comparisons across byte orders in the format of a carrier: <c>order LINE TAB FILE TAB NAME TAB OWNER TAB CONSTANT TAB REMEDY</c>, and those of a plain variable as mistakes.</summary>
internal static class OrderWriter
{
    public static string Text(List<OrderMistake> mistakes)
    {
        StringBuilder text = new();
        foreach (OrderMistake mistake in mistakes)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"{mistake.Line}\t{LineText.Escape(mistake.File)}");
            text.Append(mistake.Value.Origin.Length > 0
                ? $"mistake {SourceIds.NetworkOrder}\t{place}\t{mistake.Value.Shown}\t{mistake.Constant}\t{mistake.Remedy}\n"
                : $"order {place}\t{mistake.Value.Name}\t{mistake.Value.Owner}\t{mistake.Constant}\t{mistake.Remedy}\n");
        }

        return text.ToString();
    }
}
