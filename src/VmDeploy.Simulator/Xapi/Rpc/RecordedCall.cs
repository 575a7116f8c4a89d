namespace VmDeploy.Simulator.Xapi;

/// <summary>A call as it arrived.</summary>
/// <param name="Method">For example <c>VM.start</c>, <c>Async.VM.clone</c> or <c>PUT import_raw_vdi</c>.</param>
/// <param name="Arguments">As on the wire (string, bool, double, int, list, dictionary); passwords are blanked out.</param>
public sealed record RecordedCall(string Method, IReadOnlyList<object> Arguments)
{
    /// <summary>The bytes of the XML-RPC request, a login's with the password; empty for an upload.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The failure's code, or null.</summary>
    public string? Failure { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() => Failure is null ? Method : $"{Method}: {Failure}";
}
