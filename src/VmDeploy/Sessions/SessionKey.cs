namespace VmDeploy.PowerShell;

/// <summary>How a session was connected.</summary>
internal sealed record SessionKey(string Cmdlet, ConnectOptions Options, string? LogFile)
{
    /// <summary>Whether the other is a connection to the same server, port and user.</summary>
    public bool IsSameEndpoint(SessionKey other) =>
        Cmdlet == other.Cmdlet && Options.BaseAddress == other.Options.BaseAddress
        && Options.Credential.UserName == other.Options.Credential.UserName
        && Options.ViaSsh?.ToString() == other.Options.ViaSsh?.ToString();

    /// <summary>Whether the other also has the same password, certificate check, time-out and log.</summary>
    public bool IsSameConnection(SessionKey other) =>
        IsSameEndpoint(other) && Options.Credential.Password == other.Options.Credential.Password
        && string.Equals(Options.CertificateThumbprint, other.Options.CertificateThumbprint, StringComparison.OrdinalIgnoreCase)
        && Options.SocketLogin == other.Options.SocketLogin
        && Options.SkipCertificateCheck == other.Options.SkipCertificateCheck
        && Options.Timeout == other.Options.Timeout
        && LogFile == other.LogFile;
}
