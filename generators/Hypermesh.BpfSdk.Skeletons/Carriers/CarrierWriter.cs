using System.Text;
using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Carriers;

/// <summary>Writes a carrier: the header when the project is known, the whole text when the object is compiled.</summary>
internal static class CarrierWriter
{
    private const int Columns = 76;

    /// <summary>Returns the lines before the notes: everything that the skeleton depends on, except the notes and the object.</summary>
    /// <param name="facts">The facts; its image and notes are not written.</param>
    public static string Header(Carrier facts)
        => $"""
            {CarrierFormat.FirstLine}
            {CarrierFormat.Source} {facts.Source}
            {CarrierFormat.Root} {facts.Root}
            {CarrierFormat.Namespace} {facts.Namespace}
            {CarrierFormat.Class} {facts.ClassName}
            {CarrierFormat.Accessibility} {facts.Accessibility}
            {CarrierFormat.Resource} {facts.Resource}
            {CarrierFormat.Kernel} {facts.OldestKernel}

            """.Replace("\r", "");

    /// <summary>Returns the whole text.</summary>
    /// <param name="header">The result of <see cref="Header"/>.</param>
    /// <param name="notes">The lines about declarations, comparisons and mistakes.</param>
    /// <param name="image">The object.</param>
    public static string Text(string header, IEnumerable<string> notes, byte[] image)
    {
        StringBuilder text = new(header);
        foreach (string line in notes)
        {
            text.Append(line).Append('\n');
        }

        text.Append(CarrierFormat.Hash).Append(' ').Append(Hash.Of(image)).Append("\n\n");
        string base64 = Convert.ToBase64String(image);
        for (int i = 0; i < base64.Length; i += Columns)
        {
            text.Append(base64, i, Math.Min(Columns, base64.Length - i)).Append('\n');
        }

        return text.ToString();
    }
}
