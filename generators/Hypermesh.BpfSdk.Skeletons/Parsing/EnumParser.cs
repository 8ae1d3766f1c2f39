using System.Globalization;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Creates the model of one enum.</summary>
internal sealed class EnumParser(BtfTypes types, Findings findings)
{
    public EnumModel Parse(NamedType named)
    {
        BtfType type = types[named.Id];
        string? underlying = CSharpIntegers.Name((int)type.Size, type.KindFlag);
        if (underlying is null || type.Size > 8)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"{named.CName} has a size of {type.Size} bytes");
        }

        var scope = new NameScope(named.CName, "Value", [], findings);
        var constants = new List<EnumConstantModel>();
        for (int i = 0; i < type.Length; i++)
        {
            BtfEnumValue constant = type.EnumValue(i);
            string cName = types.GetString(constant.NameOffset);
            if (scope.TryClaim("constant", cName, out string name))
            {
                constants.Add(new EnumConstantModel(cName, name, Literal(constant.Value, (int)type.Size, type.KindFlag)));
            }
        }

        return new EnumModel(named.CName, named.Name, underlying, constants.ToEquatableArray()) { Key = named.Key };
    }

    /// <summary>Truncates the value of an integer of up to 8 bytes to its size, so that a damaged value is still valid for the type.</summary>
    public static string Literal(ulong value, int size, bool isSigned)
    {
        int unused = 64 - (size * 8);
        return isSigned
            ? ((long)(value << unused) >> unused).ToString(CultureInfo.InvariantCulture)
            : ((value << unused) >> unused).ToString(CultureInfo.InvariantCulture);
    }
}
