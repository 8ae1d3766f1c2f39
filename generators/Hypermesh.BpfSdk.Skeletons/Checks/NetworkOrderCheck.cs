using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports values in network order that are compared with a constant in the machine's order. The object does not have the types of local variables, so libclang finds them
/// in the C.
/// </summary>
internal static class NetworkOrderCheck
{
    public static void Run(IEnumerable<OrderLine> orders, Findings findings)
    {
        foreach (OrderLine order in orders)
        {
            string value = order.Owner.Length > 0 ? $"'{order.Name}' of {order.Owner}" : $"'{order.Name}'";
            findings.AddAt(SourceIds.NetworkOrder, order.Header, order.Line, value, order.Constant, order.Remedy);
        }
    }
}
