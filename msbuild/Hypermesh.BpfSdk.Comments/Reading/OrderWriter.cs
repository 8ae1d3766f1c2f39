using System.Globalization;
using System.Text;

namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>Writes comparisons across byte orders in the format of a carrier: <c>order LINE TAB FILE TAB NAME TAB OWNER TAB CONSTANT TAB REMEDY</c>.</summary>
internal static class OrderWriter
{
    public static string Text(List<OrderMistake> mistakes)
    {
        StringBuilder text = new();
        foreach (OrderMistake mistake in mistakes)
        {
            text.Append(CultureInfo.InvariantCulture, $"order {mistake.Line}\t{LineText.Escape(mistake.File)}\t{mistake.Value.Name}\t{mistake.Value.Owner}\t{mistake.Constant}\t{mistake.Remedy}\n");
        }

        return text.ToString();
    }
}
