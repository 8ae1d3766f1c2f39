using System.Xml;
using System.Xml.Linq;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>The text of a project, for what MSBuild evaluates without a message and does not show to a task.</summary>
internal static class ProjectText
{
    /// <summary>Parses the text, with lines; null for a text that is not XML, which MSBuild reports.</summary>
    public static XDocument? Parse(string text)
    {
        try
        {
            return XDocument.Parse(text, LoadOptions.SetLineInfo);
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
