namespace VmDeploy.PowerShell;

/// <summary>The result of a test of a session.</summary>
/// <param name="Session">The session.</param>
public sealed record VmSessionReport(VmSession Session)
{
    /// <summary>The host answered, and knows the session.</summary>
    public bool IsAlive { get; init; }

    /// <summary>Time from the call to the reply; null without a reply.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Why it is not alive.</summary>
    public string? Problem { get; init; }

    /// <summary>Host name or address.</summary>
    public string Server => Session.Server;

    /// <summary>The kind of hypervisor: Esxi, VCenter or XenServer.</summary>
    public string Kind => Session.Kind;

    /// <summary>Full product name.</summary>
    public string Product => Session.Product;

    /// <summary>Product version.</summary>
    public string Version => Session.Version;

    /// <inheritdoc/>
    public override string ToString() => Session.ToString();
}
