using System.Diagnostics;
using System.Text;
using System.Xml;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Replies;

/// <summary>Replies that are made to exhaust the reader's stack, memory or time.</summary>
public class HostileReplyTests
{
    // Each takes well under a second; what grows with the square of its size takes minutes.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(12_000)]
    [InlineData(20_000)]
    public async Task DeepXmlRpcReply_AtLogin_IsNotAHypervisor(int levels)
    {
        var host = new CannedHost((_, _) => CannedHost.Success(Repeat("<value><array><data>", levels) + Repeat("</data></array></value>", levels)));

        var clock = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAsync<VmDeployException>(() => host.XapiAsync());

        Assert.Equal(ErrorCodes.NotAHypervisor, failure.Code);
        Assert.True(clock.Elapsed < s_bound, $"{clock.Elapsed}");
    }

    [Fact]
    public async Task DeepXmlRpcReply_LaterOn_IsUnexpectedReply()
    {
        var host = new CannedHost((method, _) => CannedHost.Success(method == "session.login_with_password"
            ? "<value>OpaqueRef:s</value>" : Repeat("<value><array><data>", 12_000) + Repeat("</data></array></value>", 12_000)));
        using var client = await host.XapiAsync();

        var failure = await Assert.ThrowsAsync<VmDeployException>(() => client.CallAsync("VM.get_all", CancellationToken.None));

        Assert.Equal(ErrorCodes.UnexpectedReply, failure.Code);
    }

    [Fact]
    public void DeepTaskResult_IsRefused() =>
        Assert.Throws<XmlException>(() => XmlRpc.ReadFragment(Repeat("<value><array><data>", 12_000) + Repeat("</data></array></value>", 12_000)));

    [Theory]
    [InlineData("<a>", "</a>")]
    [InlineData("<a xmlns='urn:vim25' xmlns:t='urn:vim25' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='t:x'>", "</a>")]
    public async Task DeepSoapReply_IsUnexpectedReply(string open, string close)
    {
        var host = new CannedHost((method, _) => CannedHost.Soap(method, method == "Login" ? "" : Repeat(open, 100_000) + Repeat(close, 100_000)));
        using var soap = await host.SoapAsync();

        var clock = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAsync<VmDeployException>(() => soap.CallAsync(SoapClient.ServiceInstance, "CurrentTime", CancellationToken.None));

        Assert.Equal(ErrorCodes.UnexpectedReply, failure.Code);
        Assert.True(clock.Elapsed < s_bound, $"{clock.Elapsed}");
    }

    [Fact]
    public void TextInPieces_IsReadInLinearTime()
    {
        const int pieces = 400_000;
        var text = Repeat("<![CDATA[x]]>", pieces);

        var clock = Stopwatch.StartNew();
        var rpc = XmlRpc.ReadResponse(Bytes($"<methodResponse><params><param><value>{text}</value></param></params></methodResponse>"), CancellationToken.None);
        var soap = VimXml.Read(Bytes($"<a>{text}</a>"), CancellationToken.None);

        Assert.Equal(pieces, ((string)rpc).Length);
        Assert.Equal(pieces, soap.Value.Length);
        Assert.True(clock.Elapsed < s_bound, $"{clock.Elapsed}");
    }

    [Fact]
    public void ManyAttributes_AreRefused()
    {
        var attributes = string.Concat(Enumerable.Range(0, 300_000).Select(i => $" a{i}=''"));

        var clock = Stopwatch.StartNew();
        Assert.Throws<XmlException>(() => VimXml.Read(Bytes($"<a{attributes}/>"), CancellationToken.None));
        Assert.Throws<XmlException>(() => XmlRpc.ReadResponse(
            Bytes($"<methodResponse><params><param><value{attributes}>x</value></param></params></methodResponse>"), CancellationToken.None));

        Assert.True(clock.Elapsed < s_bound, $"{clock.Elapsed}");
    }

    [Fact]
    public void TagInQuotes_DoesNotHideItsLength()
    {
        var attributes = string.Concat(Enumerable.Range(0, 300_000).Select(i => $" a{i}='>'"));

        Assert.Throws<XmlException>(() => VimXml.Read(Bytes($"<a{attributes}/>"), CancellationToken.None));
    }

    [Fact]
    public void EndlessReply_IsRefused()
    {
        Assert.Throws<XmlException>(() => VimXml.Read(new Endless("<a>", "<!-- nothing but comments, and no end of them -->"), CancellationToken.None));
        Assert.Throws<XmlException>(() => XmlRpc.ReadResponse(new Endless("<methodResponse><value><array><data>", "<value/>"), CancellationToken.None));
    }

    [Fact]
    public void CancelledReader_Stops()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();

        Assert.Throws<OperationCanceledException>(() => VimXml.Read(new Endless("<a>", "<b/>"), cancel.Token));
        Assert.Throws<OperationCanceledException>(() => XmlRpc.ReadResponse(new Endless("<methodResponse><value><array><data>", "<value/>"), cancel.Token));
    }

    [Fact]
    public void DocumentTypes_AreRefused()
    {
        const string bomb = "<!DOCTYPE a [<!ENTITY b 'bbbbbbbb'>]>";

        Assert.Throws<XmlException>(() => VimXml.Read(Bytes($"{bomb}<a>&b;</a>"), CancellationToken.None));
        Assert.Throws<XmlException>(() => XmlRpc.ReadFragment($"{bomb}<value>&b;</value>"));
    }

    [Fact]
    public async Task InventoryWithoutEnd_IsUnexpectedReply()
    {
        var host = new CannedHost((method, _) => CannedHost.Soap(method, method switch
        {
            "CreateContainerView" => "<returnval type='ContainerView'>view</returnval>",
            "RetrievePropertiesEx" or "ContinueRetrievePropertiesEx" => "<returnval><token>again</token></returnval>",
            _ => "",
        }));
        using var soap = await host.SoapAsync();
        var reader = new PropertyReader(soap, CannedHost.Content);

        var failure = await Assert.ThrowsAsync<VmDeployException>(() =>
            reader.ReadAllAsync([new PropertySet("VirtualMachine", "name")], _ => Task.CompletedTask, CancellationToken.None));

        Assert.Equal(ErrorCodes.UnexpectedReply, failure.Code);
        Assert.Equal("DestroyView", host.Calls[^1]);
    }

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private static MemoryStream Bytes(string xml) => new(Encoding.UTF8.GetBytes(xml));

    /// <summary>A start, and then many repetitions.</summary>
    private sealed class Endless(string first, string next) : Stream
    {
        private readonly IEnumerator<byte> _bytes = All(Encoding.ASCII.GetBytes(first), Encoding.ASCII.GetBytes(next)).GetEnumerator();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (var i = 0; i < count; i++)
            {
                _bytes.MoveNext();
                buffer[offset + i] = _bytes.Current;
            }
            return count;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private static IEnumerable<byte> All(byte[] first, byte[] next)
        {
            foreach (var b in first)
                yield return b;
            while (true)
            {
                foreach (var b in next)
                    yield return b;
            }
        }
    }
}
