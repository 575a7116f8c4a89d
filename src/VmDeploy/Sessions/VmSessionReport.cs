namespace VmDeploy.PowerShell;

/// <summary>What a test of a session found.</summary>
/// <param name="Session">The session.</param>
public sealed record VmSessionReport(VmSession Session)
{
    /// <summary>The host answered, and knows the session.</summary>
    public bool IsAlive { get; init; }

    /// <summary>Time from the question to the answer; null when there was none.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Why it is not alive.</summary>
    public string? Problem { get; init; }

    /// <summary>Host name or address.</summary>
    public string Server => Session.Server;

    /// <summary>What answers there.</summary>
    public HypervisorKind Kind => Session.Kind;

    /// <summary>Full product name.</summary>
    public string Product => Session.Product;

    /// <summary>Product version.</summary>
    public string Version => Session.Version;
}
