using System.Xml;
using VmDeploy.Transfer;
using Xunit;

namespace VmDeploy.Tests.Replies;

/// <summary>The limits of a tag in XML that a server sent.</summary>
public sealed class ReplyXmlTests
{
    // Longer than what the parser reads at once, and close to the limit of 65,536 characters.
    private const int Long = 65_000;

    public static TheoryData<string, string> Accepted => new()
    {
        { "an attribute", $"<a b=\"{new string('x', Long)}\"/>" },
        { "an attribute with the end of a tag in it", $"<a b='{new string('>', Long)}'/>" },
        { "an attribute with the other quote in it", $"<a b='{new string('"', Long)}'/>" },
        { "text", $"<a>{new string('x', 4 * Long)}</a>" },
        { "text with quotes and ends", $"<a>{string.Concat(Enumerable.Repeat("'>\"", Long))}</a>" },
        { "a comment", $"<a><!--{new string('x', 4 * Long)}--></a>" },
        { "CDATA", $"<a><![CDATA[{new string('x', 4 * Long)}]]></a>" },
        { "an instruction", $"<a><?b {new string('x', 4 * Long)}?></a>" },
        { "many tags", $"<a>{string.Concat(Enumerable.Repeat("<b c='d'/>", Long))}</a>" },
    };

    public static TheoryData<string, string> Refused => new()
    {
        { "an attribute", $"<a b=\"{new string('x', Long + 1000)}\"/>" },
        { "attributes", $"<a {string.Concat(Enumerable.Range(0, 10_000).Select(i => $"b{i}='' "))}/>" },
        { "attributes after a text", $"<a>{new string('x', Long)}<b {string.Concat(Enumerable.Range(0, 10_000).Select(i => $"b{i}='>' "))}/></a>" },
        { "a name", $"<{new string('a', Long + 1000)}/>" },
        { "spaces", $"<a{new string(' ', Long + 1000)}/>" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_long_one_is_read(string what, string xml)
    {
        var reply = ReplyXml.Open(xml);
        while (reply.Reader.Read())
        {
            if (reply.Reader.NodeType == XmlNodeType.Element)
                reply.Enter();
        }
        Assert.True(reply.Reader.EOF, what);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_longer_one_is_refused_before_the_parser_has_it(string what, string xml)
    {
        var reply = ReplyXml.Open(xml);
        var refused = Assert.Throws<XmlException>(() =>
        {
            while (reply.Reader.Read())
            {
            }
        });
        Assert.True(refused.Message.Contains("a tag is longer than", StringComparison.Ordinal), $"{what}: {refused.Message}");
    }
}
