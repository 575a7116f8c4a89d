using System.Text;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Replies;

/// <summary>Text from hosts and files that goes to a terminal, and text from users that goes to a host.</summary>
public class TextTests
{
    [Theory]
    [InlineData("plain, größer, 日本, 😀\n\tnext line", "plain, größer, 日本, 😀\n\tnext line")]
    [InlineData("\u001B[31mred\u0007\r", "\\u001B[31mred\\u0007\\u000D")]
    [InlineData("\u009B2J\u007F\u0000", "\\u009B2J\\u007F\\u0000")]
    [InlineData("exe\u202Egpj\u2066", "exe\\u202Egpj\\u2066")]
    public void Escape_LeavesNothingThatATerminalObeys(string foreign, string shown) => Assert.Equal(shown, PrintableText.Escape(foreign));

    [Fact]
    public void Escape_LoneSurrogates() => Assert.Equal("a\\uD800b\\uDC00", PrintableText.Escape("a\uD800b\uDC00"));

    [Fact]
    public void Message_OfAFailure_IsEscaped() =>
        Assert.Equal("HTTP 500 \\u001B]0;owned\\u0007", new VmDeployException(ErrorCodes.UnexpectedReply, "HTTP 500 \u001B]0;owned\u0007").Message);

    // As numbers, because the test runner can't transfer lone surrogates.
    [Theory]
    [InlineData(0x0001, "U+0001")]
    [InlineData(0x001B, "U+001B")]
    [InlineData(0xFFFE, "U+FFFE")]
    [InlineData(0xFFFF, "U+FFFF")]
    [InlineData(0xD83D, "U+D83D")]
    [InlineData(0xDE00, "U+DE00")]
    public void TextThatXmlCannotCarry_IsRefused_WithFieldAndCharacter(int code, string character)
    {
        var text = $"a{(char)code}b";
        var soap = Assert.Throws<VmDeployException>(() => VimXml.WriteEnvelope(VimXml.El("CreateVM_Task", VimXml.El("config", VimXml.El("annotation", text)))));
        var rpc = Assert.Throws<VmDeployException>(() => XmlRpc.WriteCall("VM.create", [new Dictionary<string, object> { ["name_description"] = text }]));

        Assert.Equal(ErrorCodes.ValueRefused, soap.Code);
        Assert.Contains($"annotation contains the character {character}", soap.Message);
        Assert.Equal(ErrorCodes.ValueRefused, rpc.Code);
        Assert.Contains($"name_description contains the character {character}", rpc.Message);
    }

    [Fact]
    public void LineEndsAndEmoji_ArriveAsTheyAre()
    {
        const string text = "one\r\ntwo\rthree\nfour\t😀";

        var soap = VimXml.Read(new MemoryStream(VimXml.WriteEnvelope(VimXml.El("annotation", text))), CancellationToken.None);
        var rpc = Encoding.UTF8.GetString(XmlRpc.WriteCall("VM.set_name_description", [text]));

        Assert.Equal(text, soap.Value);
        Assert.Contains("one&#xD;\ntwo&#xD;three\nfour\t😀", rpc);
    }
}
