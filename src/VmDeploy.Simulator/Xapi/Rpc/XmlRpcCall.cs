namespace VmDeploy.Simulator.Xapi;

/// <summary>A call at <c>/</c> or <c>/RPC2</c>.</summary>
internal sealed class XmlRpcCall : IRpcCall
{
    /// <exception cref="FormatException">It is not a method call.</exception>
    public XmlRpcCall(byte[] body) => (Method, Arguments) = XmlRpc.ReadCall(body);

    public string Method { get; }

    public IReadOnlyList<object> Arguments { get; }

    public string ContentType => "text/xml";

    public byte[] Succeed(object value) => XmlRpc.WriteSuccess(value);

    public byte[] Fail(IReadOnlyList<string> description) => XmlRpc.WriteFailure(description);
}
