using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.BtfSanitizing;

namespace Hypermesh.Bpf.Tests.Unit.Objects.BtfSanitizing;

/// <summary>What older kernels get in place of the types they do not know; each row of libbpf's table, with that one ability missing.</summary>
public sealed class BtfSanitizerTests
{
    private static readonly BtfTypes s_before = Blob().Types("before");

    private enum Id
    {
        Int = 1,
        Variable,
        DataSection,
        Optional,
        Prototype,
        Function,
        Float,
        TypeTag,
        Pointer,
        DeclarationTag,
        SignedEnum,
        Enum64,
        Count,
    }

    [Fact]
    public void Variables_and_sections_become_bytes_and_structs()
    {
        BtfTypes after = Without(BtfAbilities.DataSections);

        BtfType variable = after[(int)Id.Variable];
        Assert.Equal((BtfKind.Int, "counter", 1u, 8), (variable.Kind, variable.Name, variable.Size, variable.IntBits));
        BtfType section = after[(int)Id.DataSection];
        Assert.Equal((BtfKind.Struct, "_data_own", 12u), (section.Kind, section.Name, section.Size));
        BtfMember member = Assert.Single(Enumerable.Range(0, section.Length).Select(section.Member));
        Assert.Equal(("counter", (int)Id.Variable, 64u), (after.GetString(member.NameOffset), member.TypeId, member.BitOffset));
        Assert.Equal("__struct_ops", after[(int)Id.Optional].Name);
    }

    [Fact]
    public void A_question_mark_alone_becomes_an_underscore()
    {
        BtfTypes after = Without(BtfAbilities.QuestionMarkSections);
        Assert.Equal((BtfKind.DataSection, "_.struct_ops"), (after[(int)Id.Optional].Kind, after[(int)Id.Optional].Name));
        Same(after, Id.DataSection);
    }

    [Fact]
    public void Functions_become_typedefs_of_enums()
    {
        BtfTypes after = Without(BtfAbilities.Functions);
        BtfType prototype = after[(int)Id.Prototype];
        Assert.Equal((BtfKind.Enum, 1, 4u), (prototype.Kind, prototype.Length, prototype.Size));
        BtfType function = after[(int)Id.Function];
        Assert.Equal((BtfKind.Typedef, "run", 0, (int)Id.Prototype), (function.Kind, function.Name, function.Length, function.TypeId));
    }

    [Fact]
    public void Global_functions_become_static()
        => Assert.Equal((BtfKind.Function, 0), (Without(BtfAbilities.GlobalFunctions)[(int)Id.Function].Kind, Without(BtfAbilities.GlobalFunctions)[(int)Id.Function].Linkage));

    [Fact]
    public void Floats_become_empty_structs_of_their_size()
    {
        BtfType number = Without(BtfAbilities.Floats)[(int)Id.Float];
        Assert.Equal((BtfKind.Struct, "", 8u, 0), (number.Kind, number.Name, number.Size, number.Length));
    }

    [Fact]
    public void Tags_become_constants_and_bytes()
    {
        BtfType tag = Without(BtfAbilities.TypeTags)[(int)Id.TypeTag];
        Assert.Equal((BtfKind.Const, "", (int)Id.Int), (tag.Kind, tag.Name, tag.TypeId));
        BtfType declaration = Without(BtfAbilities.DeclarationTags)[(int)Id.DeclarationTag];
        Assert.Equal((BtfKind.Int, 1u, 8), (declaration.Kind, declaration.Size, declaration.IntBits));
    }

    [Fact]
    public void Enums_lose_their_sign_and_wide_ones_become_unions()
    {
        BtfTypes after = Without(BtfAbilities.Enum64);
        BtfType signed = after[(int)Id.SignedEnum];
        Assert.Equal((BtfKind.Enum, false, 1), (signed.Kind, signed.KindFlag, signed.Length));
        BtfType wide = after[(int)Id.Enum64];
        Assert.Equal((BtfKind.Union, 8u, 2), (wide.Kind, wide.Size, wide.Length));
        Assert.Equal("enum64_placeholder", after[wide.Member(1).TypeId].Name);
        Assert.Equal(("FAR", 0u), (after.GetString(wide.Member(1).NameOffset), wide.Member(1).BitOffset));
        Assert.Equal((int)Id.Count + 1, after.Count);
    }

    [Theory]
    [InlineData((int)BtfAbilities.DataSections)]
    [InlineData((int)BtfAbilities.QuestionMarkSections)]
    [InlineData((int)BtfAbilities.Functions)]
    [InlineData((int)BtfAbilities.GlobalFunctions)]
    [InlineData((int)BtfAbilities.Floats)]
    [InlineData((int)BtfAbilities.TypeTags)]
    [InlineData((int)BtfAbilities.DeclarationTags)]
    [InlineData((int)BtfAbilities.Enum64)]
    [InlineData((int)BtfAbilities.All)]
    public void IDs_stay_and_the_rest_does_not_need_the_missing_ability(int ability)
    {
        var missing = (BtfAbilities)ability;
        BtfTypes after = Without(missing);
        Assert.InRange(after.Count, (int)Id.Count, (int)Id.Count + 1);
        Assert.Equal(BtfAbilities.None, BtfSanitizer.Needs(after) & missing);
        Assert.Equal(BtfAbilities.All, BtfSanitizer.Needs(s_before));
        Same(after, Id.Int);
        Same(after, Id.Pointer);
    }

    private static BtfBuilder Blob()
    {
        var builder = new BtfBuilder();
        builder.Int("int", 4, BtfIntEncoding.Signed);
        builder.Add(BtfKind.Variable, "counter", 0, (uint)Id.Int, 1);
        builder.Add(BtfKind.DataSection, ".data.own", 1, 12, (uint)Id.Variable, 8, 4);
        builder.Add(BtfKind.DataSection, "?.struct_ops", 0, 0);
        builder.Add(BtfKind.FunctionPrototype, "", 1, (uint)Id.Int, builder.String("a"), (uint)Id.Int);
        builder.Function("run", (int)Id.Prototype);
        builder.Float("double", 8);
        builder.Add(BtfKind.TypeTag, "user", 0, (uint)Id.Int);
        builder.Pointer((int)Id.TypeTag);
        builder.Add(BtfKind.DeclarationTag, "tag", 0, (uint)Id.Variable, uint.MaxValue);
        builder.Enum("state", true, ("LOW", -2));
        builder.Enum64("wide", false, ("NEAR", 1), ("FAR", 1UL << 40));
        return builder;
    }

    private static BtfTypes Without(BtfAbilities missing)
        => BtfTypes.Read(BtfSanitizer.Apply(Blob().Build(), "after", BtfAbilities.All & ~missing), "after");

    private static void Same(BtfTypes after, Id id)
        => Assert.Equal((s_before[(int)id].Kind, s_before[(int)id].Name, s_before[(int)id].Length), (after[(int)id].Kind, after[(int)id].Name, after[(int)id].Length));
}
