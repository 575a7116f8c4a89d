namespace VmDeploy.Simulator.Xapi;

/// <summary>A call in one of the wire formats, and how it is answered.</summary>
internal interface IRpcCall
{
    string Method { get; }

    IReadOnlyList<object> Arguments { get; }

    string ContentType { get; }

    byte[] Succeed(object value);

    byte[] Fail(IReadOnlyList<string> description);
}
