using Hypermesh.Bpf.Clang.Arguments;
using Hypermesh.BpfSdk.Comments.Reading;

namespace Hypermesh.Bpf.Tests.Build.Comments.Reading;

/// <summary>What a comment says, whichever way it is written.</summary>
public sealed class CommentTextTests
{
    [Theory]
    [InlineData("// One.", "One.")]
    [InlineData("/// One.\n/// Two.", "One.\nTwo.")]
    [InlineData("//!< One.", "One.")]
    [InlineData("/* One. */", "One.")]
    [InlineData("/**< One. */", "One.")]
    [InlineData("/**\n * One.\n *\n *   Two.\n **/", "One.\n\nTwo.")]
    [InlineData("/*\n  One,\n  two.\n*/", "One,\ntwo.")]
    [InlineData("/* ---- one ---- */", "---- one ----")]
    [InlineData("/***************\n * One.\n ***************/", "One.")]
    [InlineData("// SPDX-License-Identifier: GPL-2.0\n// One.", "One.")]
    [InlineData("/* Copyright (c) somebody */", "")]
    [InlineData("/**/", "")]
    [InlineData("//", "")]
    [InlineData("// a // b /* c", "a // b /* c")]
    [InlineData("/* 2 * 3 */", "2 * 3")]
    public void The_text_is_what_stands_between_the_marks(string raw, string text) => Assert.Equal(text, CommentText.Clean(raw));

    [Fact]
    public void Members_in_kernel_style_are_taken_out()
    {
        Dictionary<string, string> members = [];

        string own = KernelDoc.Read("struct event - One event.\n\n@pid: The process\n  that is meant.\n@other: Not a member.\n\nMore.", "event", new HashSet<string> { "pid" }, members);

        Assert.Equal("One event.\n\n@other: Not a member.\n\nMore.", own);
        Assert.Equal("The process\n  that is meant.", Assert.Single(members).Value);
    }

    [Theory]
    [InlineData("event - One.", "One.")]
    [InlineData("event() - One.", "One.")]
    [InlineData("event: One.", "One.")]
    [InlineData("events are counted", "events are counted")]
    [InlineData("event", "event")]
    public void The_declared_name_is_not_repeated(string comment, string text) => Assert.Equal(text, KernelDoc.Read(comment, "event", new HashSet<string>(), []));

    [Fact]
    public void Arguments_are_read_as_the_task_writes_them()
    {
        string[] arguments = ["-D__BPF=GCC error \"a\\b\"", "-Iwith blank", "", "-c"];

        string text = ResponseFile.Text(arguments);

        Assert.Equal(arguments, ArgumentFile.Split(text));
    }
}
